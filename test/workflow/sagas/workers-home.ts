import type { JsonObject } from '#libs/core/json.js';
import type { EventToAppend, ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';

/**
 * Where an effect of a saga can be stopped, in this order: `asked`: nothing was sent; `decided`: its participant has decided and
 * written nothing; `appended`: it has written, nobody knows; `answered`: the saga's worker knows, its workflow does not;
 * `recorded`: the saga's stream tells what came of it, its workflow does not know. `received`: participant or saga begin to
 * decide, for the first time or again.
 */
export type Place = 'asked' | 'received' | 'decided' | 'appended' | 'answered' | 'recorded';

/** What becomes of an effect that has come to a place. */
export type Verdict = 'go' | 'refuse';

/** What the workers need of the test that has forked them: all that outlives them. */
export interface WorkersHome {
  append(
    stream: string,
    expected: number,
    events: readonly EventToAppend[],
  ): Promise<{ readonly revision: number } | { readonly actual: number }>;
  read(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]>;
  /** Does what a saga calls for outside of Temporal. */
  call(name: string, data: JsonObject): Promise<JsonObject>;
  /** Is asked before an effect goes on; it stands there until there is an answer. */
  pass(place: Place, effectId: string): Promise<Verdict>;
}
