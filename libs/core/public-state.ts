import type { JsonObject } from './json.js';

/** Makes a contract's view of a state. */
export type Present = (state: never) => object;

/** An entity as the world sees it, at its route and on its state topic: who it is, its view, and as of which event. */
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
