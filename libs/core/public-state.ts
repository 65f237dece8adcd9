import type { JsonObject } from './json.js';

/** Turns a state into the view that a contract describes. */
export type Present = (state: never) => object;

/**
 * An entity as shown at its route and on its state topic: its id, its view, and the event it is
 * current to.
 */
export function publicState(
  id: string,
  present: Present,
  {
    state,
    revision,
    hash,
  }: { readonly state: JsonObject; readonly revision: number; readonly hash?: string },
): object {
  return { id, ...present(state as never), revision, hash };
}
