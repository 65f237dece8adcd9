import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { resolve } from 'node:path';
import { pino } from 'pino';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { JsonObject } from '#libs/core/json.js';
import { type Timestamp, toTimestamp } from '#libs/core/timestamp.js';
import {
  activitiesByCategory,
  entityInterceptors as interceptors,
} from '#libs/entity/activities/activities-by-category.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { callsQueueOf, effectsQueueOf } from '#libs/entity/protocol/task-queues.js';
import type { CallbackPlace } from '#libs/core/callback-place.js';
import type { BlobStore } from '#libs/blob/blob-store.js';
import { withLargeInputs } from '#libs/flow/activities/large-inputs.js';
import { createFlowActivities } from '#libs/flow/activities/flow.activities.js';
import { deploymentOf } from '#libs/runtime/worker-deployment.js';
import type { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { TemporalServer } from '../sagas/temporal-server.js';
import { eventually } from '../../support/account-rest.js';

const MESSAGES = ['Note', 'Go'];

/** The workers of a build. */
export interface Build {
  /** The code of its workflows; by default that of the probes. */
  readonly code?: string;
  /** Workflows that it keeps between tasks. With none, every task replays its history. */
  readonly cached?: number;
  /** Its id in the worker deployment of the probes, if Temporal is to tell builds apart. */
  readonly buildId?: string;
}

interface Running {
  readonly instance: Worker;
  readonly ended: Promise<void>;
}

/**
 * Temporal's dev server, which knows resets, and workers for probes on it, of one build or another.
 */
export class ProbeHome {
  /** What was asked of the outside world, and what it answers. */
  readonly asked: { readonly data: JsonObject; readonly key: string }[] = [];
  answer: (data: JsonObject) => JsonObject | Promise<JsonObject> = () => ({});
  /** Makes the callback addresses that probes hand out. */
  callbackUrl: (of: CallbackPlace) => string = () => '';
  private readonly server: TemporalServer;
  private connection: NativeConnection | undefined;
  /** Those for activities live as long as the home. */
  private hands: readonly Running[] = [];
  private workers: readonly Running[] = [];

  constructor(
    private readonly categories: readonly string[] = ['probe'],
    private readonly dataConverter?: DataConverter,
    private readonly blobs?: BlobStore,
  ) {
    this.server = new TemporalServer(this.deciders, dataConverter);
  }

  async open(): Promise<void> {
    await this.server.open();
    this.connection = await NativeConnection.connect({ address: this.server.address });
    const queues = this.categories.flatMap((queue) => [effectsQueueOf(queue), callsQueueOf(queue)]);
    this.hands = await this.running(queues, {});
  }

  async close(): Promise<void> {
    await stop([...this.workers, ...this.hands]);
    await this.connection?.close();
    await this.server.close();
  }

  get gateway(): EntityGateway {
    const { gateway } = this.server;
    const isServed = (category: string) => this.categories.includes(category);
    return this.blobs ? withLargeInputs(gateway, this.blobs, isServed) : gateway;
  }

  get store(): MemoryEventStore {
    return this.server.store;
  }

  get client(): TemporalServer['client'] {
    return this.server.client;
  }

  async moment(): Promise<Timestamp> {
    return toTimestamp(Date.now());
  }

  /** Starts workers of the flows themselves, besides those that run. */
  async startWorkers({ code, cached = 100, buildId }: Build = {}): Promise<void> {
    const codePath = resolve('dist/test/workflow/flows/workflows.bundle.js');
    const workflowBundle = code === undefined ? { codePath } : { code };
    const options = {
      workflowBundle,
      maxCachedWorkflows: cached,
      ...(buildId !== undefined && { workerDeploymentOptions: deploymentOf({ service: 'probe', buildId }) }),
    };
    this.workers = [...this.workers, ...(await this.running(this.categories, options))];
  }

  async stopWorkers(): Promise<void> {
    await stop(this.workers);
    this.workers = [];
  }

  /** Resets the run of a flow to one of its workflow tasks, counted from 0; -1 is the last. */
  async reset(workflowId: string, task: number, runId?: string): Promise<void> {
    const { client } = this;
    const handle = client.workflow.getHandle(workflowId, runId);
    const [{ runId: of }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
    const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
    const eventId = tasks.at(task)?.eventId;
    if (!eventId) throw new Error(`${workflowId} has no task ${task}`);
    await client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId, runId: of },
      reason: 'a test',
      requestId: `${workflowId} ${of} ${String(eventId)} ${Date.now()}`,
      workflowTaskFinishEventId: eventId,
    });
  }

  /** Waits until a workflow task of a flow has failed, and says why. */
  async failedTask(workflowId: string) {
    const find = () => this.failureOfTask(workflowId);
    return eventually(find, ({ cause }) => cause !== undefined, 20_000, 40);
  }

  /** Why a workflow task of a flow has failed, if one has at its first attempt. */
  async failureOfTask(workflowId: string) {
    const { events } = await this.client.workflow.getHandle(workflowId).fetchHistory();
    const failed = events?.find((event) => event.workflowTaskFailedEventAttributes);
    const { cause, failure } = failed?.workflowTaskFailedEventAttributes ?? {};
    return { cause, message: failure?.message };
  }

  /** A worker for each queue, as in services of their own. */
  private async running(queues: readonly string[], more: Partial<WorkerOptions>): Promise<Running[]> {
    const { connection, activities, dataConverter } = this;
    if (!connection) throw new Error('the server is not open');
    const options = { connection, activities, interceptors, shutdownGraceTime: '100ms' } as const;
    const all = { ...options, ...(dataConverter && { dataConverter }), ...more };
    const instances = await Promise.all(queues.map((taskQueue) => Worker.create({ ...all, taskQueue })));
    return instances.map((instance) => ({ instance, ended: instance.run() }));
  }

  private get activities() {
    const { store, gateway, blobs } = this;
    const logger = pino({ level: 'silent' });
    const call = async (data: JsonObject, key: string) => {
      this.asked.push({ data, key });
      return this.answer(data);
    };
    const calls = { act: call, thrice: call, picky: call, undo: call };
    const entities = Object.entries(this.deciders).map(([name, decider]) => {
      return [name, createEntityActivities({ decider, store, logger, sender: gateway })] as const;
    });
    const callbackUrl = (of: CallbackPlace) => this.callbackUrl(of);
    const flows = createFlowActivities({
      sender: gateway,
      gateway,
      store,
      calls,
      callbackUrl,
      ...(blobs && { blobs }),
    });
    return { ...activitiesByCategory(Object.fromEntries(entities)), ...flows };
  }

  private get deciders() {
    const entries = this.categories.map((name) => [name, flowDecider({ name, messages: MESSAGES })] as const);
    return Object.fromEntries(entries);
  }
}

async function stop(workers: readonly Running[]): Promise<void> {
  for (const { instance } of workers) instance.shutdown();
  await Promise.all(workers.map(({ ended }) => ended));
}
