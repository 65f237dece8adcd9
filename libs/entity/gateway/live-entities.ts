import type { Client } from '@temporalio/client';
import { type Fold, REFOLD_SIGNAL, STATE_QUERY } from '#libs/entity/protocol/entity-messages.js';
import { EngineUnavailableError } from './entity-gateway.js';
import { TemporalEntityMessages } from './temporal-entity-messages.js';

const TRIES = 2;

/** The running entities, for operations. No entity is started or woken. */
export interface LiveEntities {
  /**
   * The state that an entity holds; undefined if it does not run or is not loaded yet, `silent` if
   * there is no answer soon.
   */
  fold(stream: string): Promise<Fold | 'silent' | undefined>;
  /** Makes a running entity fold its stream again, which is known to hold `revision`. */
  refold(stream: string, revision: number): Promise<void>;
}

/** The running entities, on Temporal. */
export function createLiveEntities(client: Client): LiveEntities {
  const messages = new TemporalEntityMessages(client);
  return {
    async fold(stream) {
      for (let tries = 1; ; tries += 1) {
        try {
          return (await messages.query<Fold | null>(stream, STATE_QUERY)) ?? undefined;
        } catch (error) {
          if (!(error instanceof EngineUnavailableError)) throw error;
          // An entity that is not in its worker's memory is replayed first and may answer the
          // second time.
          if (error.engine !== 'worker' || tries === TRIES) return 'silent';
        }
      }
    },
    refold: (stream, revision) => messages.signalRunning(stream, REFOLD_SIGNAL, revision),
  };
}
