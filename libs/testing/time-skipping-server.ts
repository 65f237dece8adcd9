import { pino } from 'pino';
import type { Client } from '@temporalio/client';
import { type ActivityInterceptorsFactory, Worker } from '@temporalio/worker';
import { taskQueueOf } from '#contracts/services.js';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { AnyDecider } from '#libs/core/decider.js';
import { type Timestamp, toTimestamp } from '#libs/core/timestamp.js';
import { activitiesByCategory, entityInterceptors } from '#libs/entity/activities/activities-by-category.js';
import type { CommandIndex } from '#libs/entity/activities/command-index.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import type { OutcomeMemory } from '#libs/entity/activities/outcome-memory.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import type { EntityActivities, PassivationPolicy } from '#libs/entity/protocol/activity-messages.js';
import { callsQueueOf, effectsQueueOf } from '#libs/entity/protocol/task-queues.js';
import type { Call, CallDependencies } from '#libs/entity/activities/call-outside.js';
import { createFlowActivities } from '#libs/flow/activities/flow.activities.js';
import { BatchTurns } from '#libs/flow/leaves/batch-turns.js';
import type { AnyLeaf } from '#libs/flow/leaves/leaf.js';
import { createLeafActivities } from '#libs/flow/leaves/leaf.activities.js';
import type { FlowActivities } from '#libs/flow/protocol/flow-activities.js';
import { leavesQueueOf } from '#libs/flow/protocol/spread-messages.js';
import { keepTemporalQuiet } from './keep-temporal-quiet.js';
import { MemoryEventStore } from './memory-event-store.js';
import { startTimeSkippingProcess, type TimeSkippingProcess } from './time-skipping-process.js';

const KEYWORD = 2;

export interface TimeSkippingOptions {
  /**
   * For the entities of one service. Activities use these rules; the workflows use those in the
   * bundle.
   */
  readonly deciders: readonly AnyDecider[];
  /** Path of the bundle built from the app's workflows. */
  readonly workflowBundle: string;
  /** An existing store, as after a loss of Temporal. */
  readonly store?: MemoryEventStore;
  /**
   * What entities and flows may call outside. With these, the workers also take the calls of flows.
   */
  readonly calls?: Readonly<Record<string, Call>>;
  /** What handles the items of spreads, and where blobs are. */
  readonly leaves?: { readonly handled: readonly AnyLeaf[]; readonly blobs: BlobStore };
  /** Makes the callback addresses of calls. */
  readonly callbackUrl?: CallDependencies['callbackUrl'];
  /** For all categories. */
  readonly commandIndex?: CommandIndex;
  readonly outcomeMemory?: OutcomeMemory;
  readonly rest?: PassivationPolicy;
  /** Default: no limit, since scenarios run in the year 2100. */
  readonly clockToleranceMilliseconds?: number;
  /** Wraps the activities, so that a test can make one fail. */
  readonly wrap?: (activities: EntityActivities) => EntityActivities;
  /** Runs around the interceptors of production. */
  readonly intercept?: ActivityInterceptorsFactory;
  /** Another server, whose time cannot be skipped. */
  readonly openServer?: () => Promise<TimeSkippingProcess>;
  /**
   * For tests that stop the worker: it caches no workflow between tasks, so that no task is
   * promised to it. This server would wait forever for a worker to which it has promised the next
   * task.
   */
  readonly outlivesWorkers?: boolean;
}

/**
 * Temporal's time-skipping test server (its program is in `TEMPORAL_TEST_SERVER`), workers on it
 * with the real workflows and activities of a service, and the gateway to its entities. The store
 * is in memory. Time passes as usual, and `skip` advances the clock of the server.
 */
export class TimeSkippingServer {
  readonly store: MemoryEventStore;
  private opened: { server: TimeSkippingProcess; gateway: EntityGateway } | undefined;
  private workers: readonly { instance: Worker; ended: Promise<void> }[] = [];

  constructor(private readonly options: TimeSkippingOptions) {
    this.store = options.store ?? new MemoryEventStore();
  }

  /** Starts the server and a worker on it. */
  async open(): Promise<void> {
    keepTemporalQuiet();
    const { openServer = startWithAttributes } = this.options;
    const server = await openServer();
    const { client } = server;
    const { commandIndex, outcomeMemory } = this.options;
    const deciders = Object.fromEntries(this.options.deciders.map((decider) => [decider.name, decider]));
    const indexes = this.options.deciders.flatMap(({ name }) => (commandIndex ? [[name, commandIndex]] : []));
    const gateway = createEntityGateway({
      client,
      store: this.store,
      deciders,
      commandIndexes: Object.fromEntries(indexes) as Record<string, CommandIndex>,
      ...(outcomeMemory && { outcomeMemory }),
    });
    this.opened = { server, gateway };
    await this.startWorker();
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.opened?.server.close();
    this.opened = undefined;
  }

  /** The gateway to the entities, as used by REST. */
  get gateway(): EntityGateway {
    return this.running.gateway;
  }

  /** The client of the server, for calls that the gateway does not have. */
  get client(): Client {
    return this.running.server.client;
  }

  async startWorker(): Promise<void> {
    const queues = new Set(this.options.deciders.map(({ name }) => taskQueueOf(name)));
    const instances = await Promise.all([...queues].flatMap((taskQueue) => this.workersOf(taskQueue)));
    this.workers = instances.map((instance) => ({ instance, ended: instance.run() }));
  }

  /** Resolves when nothing polls any more: anything sent after that waits for the next worker. */
  async stopWorker(): Promise<void> {
    for (const { instance } of this.workers) instance.shutdown();
    await Promise.all(this.workers.map(({ ended }) => ended));
    this.workers = [];
  }

  /** Advances the server's clock, and lets everything happen that was due in between. */
  async skip(milliseconds: number): Promise<void> {
    await this.running.server.skip(milliseconds);
  }

  /** The server's time plus `milliseconds`. */
  async moment(milliseconds = 0): Promise<Timestamp> {
    return toTimestamp((await this.running.server.now()) + milliseconds);
  }

  private workersOf(taskQueue: string): readonly Promise<Worker>[] {
    const { nativeConnection: connection } = this.running.server;
    const { workflowBundle, intercept, outlivesWorkers = false, calls, leaves } = this.options;
    const activities = this.activities();
    const { activity = [] } = entityInterceptors;
    const interceptors = { activity: [...(intercept ? [intercept] : []), ...activity] };
    const shared = { connection, activities, interceptors, shutdownGraceTime: '100ms' } as const;
    return [
      Worker.create({
        ...shared,
        taskQueue,
        workflowBundle: { codePath: workflowBundle },
        maxCachedWorkflows: outlivesWorkers ? 0 : 100,
      }),
      Worker.create({ ...shared, taskQueue: effectsQueueOf(taskQueue) }),
      ...(calls ? [Worker.create({ ...shared, taskQueue: callsQueueOf(taskQueue) })] : []),
      ...(leaves
        ? [
            Worker.create({
              ...shared,
              activities: createLeafActivities(
                { blobs: leaves.blobs, door: this.gateway, store: this.store, turns: new BatchTurns() },
                leaves.handled,
              ),
              taskQueue: leavesQueueOf(taskQueue),
              maxHeartbeatThrottleInterval: 100,
            }),
          ]
        : []),
    ];
  }

  private activities(): EntityActivities & FlowActivities {
    const { store, gateway: sender } = this;
    const logger = pino({ level: 'silent' });
    const { commandIndex, outcomeMemory, rest, clockToleranceMilliseconds = Infinity } = this.options;
    const { calls = {}, callbackUrl, wrap = (same) => same } = this.options;
    const outside = { calls, ...(callbackUrl && { callbackUrl }) };
    const more = {
      ...outside,
      clockToleranceMilliseconds,
      ...(commandIndex && { commandIndex }),
      ...(outcomeMemory && { outcomeMemory }),
      ...(rest && { rest }),
    };
    const entities = this.options.deciders.map((decider) => {
      return [decider.name, createEntityActivities({ decider, store, logger, sender, ...more })] as const;
    });
    const flows = createFlowActivities({ sender, gateway: sender, store, ...outside });
    return { ...wrap(activitiesByCategory(Object.fromEntries(entities))), ...flows };
  }

  private get running() {
    if (!this.opened) throw new Error('the time-skipping server is not open');
    return this.opened;
  }
}

async function startWithAttributes(): Promise<TimeSkippingProcess> {
  const server = await startTimeSkippingProcess(program());
  const { operatorService } = server.client.connection;
  const searchAttributes = { EntityType: KEYWORD, EntityId: KEYWORD };
  await operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  return server;
}

function program(): string {
  const path = process.env['TEMPORAL_TEST_SERVER'];
  if (path === undefined) throw new Error('TEMPORAL_TEST_SERVER is not set: run this with jest');
  return path;
}
