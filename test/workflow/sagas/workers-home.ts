import type { JsonObject } from '#libs/core/json.js';
import type { EventToAppend, ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';

/**
 * Where an effect of a saga can be stopped, in this order. `asked`: nothing was sent. `decided`:
 * its participant has decided and written nothing. `appended`: it has written, but nobody knows.
 * `answered`: the saga's worker knows, its workflow does not. `recorded`: the saga's stream has the
 * result, but its workflow does not know. `received`: participant or saga start to decide, for the
 * first time or again.
 */
export type Place = 'asked' | 'received' | 'decided' | 'appended' | 'answered' | 'recorded';

/** What happens to an effect at a place. */
export type Verdict = 'go' | 'refuse';

/** What the workers need of the test that has forked them: everything that outlives them. */
export interface WorkersHome {
  append(
    stream: string,
    expected: number,
    events: readonly EventToAppend[],
  ): Promise<{ readonly revision: number } | { readonly actual: number }>;
  read(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]>;
  /** Executes a saga's call outside of Temporal. */
  call(name: string, data: JsonObject): Promise<JsonObject>;
  /**
   * Called before an effect, or what was reported of one, proceeds. It is blocked until there is an
   * answer.
   */
  pass(place: Place, effectId: string): Promise<Verdict>;
}
