import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/observability/logger.js';
import type { TemporalAddress } from '#libs/temporal/temporal-client.js';
import { startWorker, type WorkerHost } from '#libs/temporal/worker-host.js';
import { ChangeLog } from './change-log.js';
import { ensureRelay } from './ensure-relay.js';
import { GrowingPause } from './growing-pause.js';
import type { Kafka } from './kafka.js';
import { createRelayActivities } from './relay.activities.js';
import type { RelayProgress } from './relay.js';

/** Someone may have ended the workflow, or emptied Temporal. */
const ENSURE_AGAIN_MILLISECONDS = 30_000;

export interface StartRelayOptions extends TemporalAddress {
  readonly category: string;
  readonly client: Client;
  readonly kafka: Kafka;
  readonly store: EventStore;
  /** Path of an app's workflow bundle; its index exports the workflow `relay`. */
  readonly workflowBundle: string;
  readonly logger: Logger;
}

/** What this process knows of the relay. It may well run in another one. */
export interface RelayHealth {
  /** Whether this process is ready to be the relay. */
  readonly isReady: boolean;
  /** How far the relay is, when it runs here. */
  readonly progress: RelayProgress | undefined;
}

/** This process's part in the relay of a category. */
export interface RunningRelay {
  health(): RelayHealth;
  close(): Promise<void>;
}

/**
 * Starts the relay role: a worker that stands ready to be the relay of a category, and the workflow that makes one such
 * worker be it. Returns at once; Temporal is waited for. `close` lets another process take over at once.
 */
export function startRelay(options: StartRelayOptions): RunningRelay {
  return new RelayRole(options);
}

class RelayRole implements RunningRelay {
  private readonly stopping = new AbortController();
  private readonly worker: WorkerHost;
  private readonly ensuring: Promise<void>;
  private progress: RelayProgress | undefined;

  constructor(private readonly options: StartRelayOptions) {
    const { category, address, namespace, kafka, store, workflowBundle, logger } = options;
    this.worker = startWorker({
      address,
      namespace,
      taskQueue: relayTaskQueue(category),
      workflowBundle,
      logger,
      activities: createRelayActivities({
        kafka,
        store,
        logger,
        shutdown: this.stopping.signal,
        onProgress: (_, progress) => (this.progress = progress),
      }),
    });
    this.ensuring = this.ensure();
  }

  health(): RelayHealth {
    return { isReady: this.worker.isRunning(), progress: this.progress };
  }

  async close(): Promise<void> {
    const stopped = this.worker.shutdown();
    // After the worker stopped polling, or it would be handed the relay again.
    this.stopping.abort();
    await Promise.all([stopped, this.ensuring]);
  }

  private async ensure(): Promise<void> {
    const { client, category, logger } = this.options;
    const { signal } = this.stopping;
    const changes = new ChangeLog(logger.child({ relay: category }));
    const pause = new GrowingPause(500, 10_000);
    while (!signal.aborted) {
      try {
        await ensureRelay(client, category, relayTaskQueue(category));
        changes.well();
        pause.reset();
        await sleep(ENSURE_AGAIN_MILLISECONDS, undefined, { signal }).catch(() => undefined);
        continue;
      } catch (error) {
        changes.failing('the relay workflow cannot be started', error);
      }
      await pause.wait(signal);
    }
  }
}

/** A queue of its own: a busy queue of commands never holds up a relay, and it needs no role but its own. */
function relayTaskQueue(category: string): string {
  return `${category}-relay`;
}
