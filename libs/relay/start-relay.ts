import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { AtStep } from '#libs/core/step.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { TemporalAddress } from '#libs/runtime/temporal-client.js';
import { startWorker, type WorkerHost } from '#libs/runtime/worker-host.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { ensureRelay } from './ensure-relay.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { createRelayActivities } from './relay.activities.js';
import { hideRelay, showRelay } from './relay-metrics.js';
import type { RelayProgress } from './relay.js';
import type { RelayedEntity } from './relayed-entity.js';

/** Someone may have ended the workflow, or emptied Temporal. */
const ENSURE_AGAIN_MILLISECONDS = 30_000;

export interface StartRelayOptions extends TemporalAddress {
  /** Names the queue that the relays of a service have in common. */
  readonly service: string;
  /** By category; one relay each. */
  readonly entities: Readonly<Record<string, RelayedEntity>>;
  readonly client: Client;
  readonly kafka: Kafka;
  readonly store: EventStore;
  /** Path of an app's workflow bundle; its index exports the workflow `relay`. */
  readonly workflowBundle: string;
  readonly logger: Logger;
  /** See `RelayOptions`. */
  readonly giveUpMilliseconds?: number;
  /** Of commands `relayed`. */
  readonly atStep?: AtStep;
}

/** What this process knows of the relays. They may well run in other ones. */
export interface RelayHealth {
  /** Whether this process is ready to be a relay. */
  readonly isReady: boolean;
  /** How far the relay of each category is that runs here. */
  readonly progress: Readonly<Record<string, RelayProgress>>;
}

/** This process's part in the relays of a service. */
export interface RunningRelay {
  health(): RelayHealth;
  close(): Promise<void>;
}

/**
 * Starts the relay role: a worker that stands ready to be the relay of any category of the service, and for each category
 * the workflow that makes one such worker be it. Returns at once; Temporal is waited for. `close` lets another process take over at once.
 */
export function startRelay(options: StartRelayOptions): RunningRelay {
  return new RelayRole(options);
}

class RelayRole implements RunningRelay {
  private readonly stopping = new AbortController();
  private readonly worker: WorkerHost;
  private readonly ensuring: Promise<unknown>;
  private readonly progress: Record<string, RelayProgress> = {};

  constructor(private readonly options: StartRelayOptions) {
    const { service, entities, address, namespace, kafka, store, workflowBundle, logger } = options;
    const { giveUpMilliseconds, atStep } = options;
    this.worker = startWorker({
      address,
      namespace,
      taskQueue: relayTaskQueue(service),
      workflowBundle,
      logger,
      activities: createRelayActivities({
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
    this.ensuring = Promise.all(Object.keys(entities).map((category) => this.ensure(category)));
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

  private noteProgress(category: string, progress: RelayProgress | undefined): void {
    if (progress) {
      showRelay(category, this.progress[category], progress);
      this.progress[category] = progress;
    } else {
      hideRelay(category);
      delete this.progress[category];
    }
  }

  private async ensure(category: string): Promise<void> {
    const { client, service, logger } = this.options;
    const { signal } = this.stopping;
    const changes = new ChangeLog(logger.child({ relay: category }));
    const pause = new GrowingPause(500, 10_000);
    while (!signal.aborted) {
      try {
        await ensureRelay(client, category, relayTaskQueue(service));
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
function relayTaskQueue(service: string): string {
  return `${service}-relay`;
}
