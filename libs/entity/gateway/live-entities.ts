import type { Client } from '@temporalio/client';
import { type Fold, REFOLD_SIGNAL, STATE_QUERY } from '#libs/entity/protocol/entity-messages.js';
import { EngineUnavailableError } from './entity-gateway.js';
import { TemporalEntityMessages } from './temporal-entity-messages.js';

const TRIES = 2;

/** The entities that run, as those who look after them need them: none is started or woken. */
export interface LiveEntities {
  /** What an entity believes; undefined when it does not run or is not loaded yet, `silent` when nobody answers soon. */
  fold(stream: string): Promise<Fold | 'silent' | undefined>;
  /** Makes an entity that runs fold its stream anew, which is known to hold `revision`; nothing when it does not run. */
  refold(stream: string, revision: number): Promise<void>;
}

/** The entities that run, over Temporal. */
export function createLiveEntities(client: Client): LiveEntities {
  const messages = new TemporalEntityMessages(client);
  return {
    async fold(stream) {
      for (let tries = 1; ; tries += 1) {
        try {
          return (await messages.query<Fold | null>(stream, STATE_QUERY)) ?? undefined;
        } catch (error) {
          if (!(error instanceof EngineUnavailableError)) throw error;
          // An entity that its worker does not hold in memory is replayed first, and may be there the second time.
          if (error.engine !== 'worker' || tries === TRIES) return 'silent';
        }
      }
    },
    refold: (stream, revision) => messages.signalRunning(stream, REFOLD_SIGNAL, revision),
  };
}
