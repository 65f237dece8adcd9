import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { AtStep } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/runtime/logger.js';
import { connectionTo, type TemporalAddress } from '#libs/runtime/temporal-client.js';
import { startWorker } from '#libs/runtime/start-worker.js';
import type { Supervision, WorkerHost } from '#libs/runtime/worker-host.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { ensureRelay } from './ensure-relay.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { createRelayActivities } from './relay.activities.js';
import { hideRelay, showRelay } from './relay-metrics.js';
import type { RelayProgress } from './relay.js';
import type { RelayedEntity } from './relayed-entity.js';

/** Someone may have terminated the workflow, or wiped Temporal. */
const ENSURE_AGAIN_MILLISECONDS = 30_000;

export interface StartRelayOptions extends TemporalAddress {
  readonly service: string;
  /** By category, what the service publishes. */
  readonly entities: Readonly<Record<string, RelayedEntity>>;
  readonly client: Client;
  readonly kafka: Kafka;
  readonly store: EventStore;
  /** Path of an app's workflow bundle. Its index exports the workflow `relay`. */
  readonly workflowBundle: string;
  readonly logger: Logger;
  /** How its worker is kept running. */
  readonly supervision?: Supervision;
  /** See `RelayOptions`. */
  readonly giveUpMilliseconds?: number;
  /** For commands that are `relayed`. */
  readonly atStep?: AtStep;
}

/** What this process knows of the relay, which may run in another process. */
export interface RelayHealth {
  /** Whether this process is ready to be a relay. */
  readonly isReady: boolean;
  /** Progress of each category, if the relay runs here. */
  readonly progress: Readonly<Record<string, RelayProgress>>;
}

/** This process's part in the relay of a service. */
export interface RunningRelay {
  readonly worker: WorkerHost;
  health(): RelayHealth;
  close(): Promise<void>;
}

/**
 * Starts the relay role: a worker that can run the relay of the service, and the workflow that
 * makes one such worker run it. Returns immediately, and waits for Temporal in the background.
 * `close` lets another process take over immediately.
 */
export function startRelay(options: StartRelayOptions): RunningRelay {
  return new RelayRole(options);
}

class RelayRole implements RunningRelay {
  private readonly stopping = new AbortController();
  readonly worker: WorkerHost;
  private readonly ensuring: Promise<unknown>;
  private readonly progress: Record<string, RelayProgress> = {};

  constructor(private readonly options: StartRelayOptions) {
    const { service, entities, namespace, kafka, store, workflowBundle, logger } = options;
    const { giveUpMilliseconds, atStep } = options;
    this.worker = startWorker({
      ...options.supervision,
      ...connectionTo(options),
      namespace,
      taskQueue: relayTaskQueue(service),
      workflowBundle,
      logger,
      activities: createRelayActivities({
        service,
        entities,
        kafka,
        store,
        logger,
        giveUpMilliseconds,
        shutdown: this.stopping.signal,
        onProgress: (category, progress) => this.noteProgress(category, progress),
        ...(atStep && { atStep }),
      }),
    });
    this.ensuring = this.ensure();
  }

  health(): RelayHealth {
    return { isReady: this.worker.isRunning(), progress: this.progress };
  }

  async close(): Promise<void> {
    const stopped = this.worker.shutdown();
    // Only after the worker has stopped polling, or it would be given the relay again.
    this.stopping.abort();
    await Promise.all([stopped, this.ensuring]);
  }

  private noteProgress(category: string, progress: RelayProgress | undefined): void {
    if (progress) {
      showRelay(category, this.progress[category], progress);
      this.progress[category] = progress;
    } else {
      hideRelay(category);
      delete this.progress[category];
    }
  }

  private async ensure(): Promise<void> {
    const { client, kafka, service, entities, logger } = this.options;
    const { signal } = this.stopping;
    const changes = new ChangeLog(logger.child({ relay: service }));
    const pause = new GrowingPause(500, 10_000);
    while (!signal.aborted) {
      try {
        const categories = Object.keys(entities);
        await ensureRelay({ client, kafka, service, categories, taskQueue: relayTaskQueue(service) });
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

/**
 * A separate task queue: a backlog of commands never delays a relay, and the relay needs no other
 * role.
 */
function relayTaskQueue(service: string): string {
  return `${service}-relay`;
}
