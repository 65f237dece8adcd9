import type { Client } from '@temporalio/client';
import { type Fold, REFOLD_SIGNAL, STATE_QUERY } from '#libs/entity/protocol/entity-messages.js';
import type { Partitions } from '#libs/entity/protocol/task-queues.js';
import { EngineUnavailableError } from './entity-gateway.js';
import { TemporalEntityMessages } from './temporal-entity-messages.js';

const TRIES = 2;

/** Reads and refolds running entities, for operations. Only `wake` starts one. */
export interface LiveEntities {
  /**
   * The state that an entity holds in memory. Undefined if it is not running, `loading` if it has
   * just been started, `silent` if it does not answer in time.
   */
  fold(stream: string): Promise<Fold | 'loading' | 'silent' | undefined>;
  /** Makes a running entity fold its stream again. The stream is known to contain `revision`. */
  refold(stream: string, revision: number): Promise<void>;
  /** Starts a run of an entity that must have one. */
  wake(stream: string): Promise<void>;
}

/** Reaches the running entities through Temporal. */
export function createLiveEntities(client: Client, partitions: Partitions = {}): LiveEntities {
  const messages = new TemporalEntityMessages(client, partitions);
  return {
    async fold(stream) {
      for (let tries = 1; ; tries += 1) {
        try {
          const answer = await messages.query<Fold | null>(stream, STATE_QUERY);
          return answer === null ? 'loading' : answer;
        } catch (error) {
          if (!(error instanceof EngineUnavailableError)) throw error;
          // An entity that its worker has not cached is replayed first. It may answer the second
          // query.
          if (error.engine !== 'worker' || tries === TRIES) return 'silent';
        }
      }
    },
    refold: (stream, revision) => messages.signalRunning(stream, REFOLD_SIGNAL, revision),
    wake: (stream) => messages.signal(stream, []),
  };
}
