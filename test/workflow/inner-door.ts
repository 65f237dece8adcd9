import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { AccountEvent } from '#contracts/account/account.contract.js';
import { streamName } from '#libs/core/entity-id.js';
import type { AtStep } from '#libs/core/step.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import {
  activitiesByCategory,
  entityInterceptors as interceptors,
} from '#libs/entity/activities/activities-by-category.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { entitySinks } from '#libs/entity/activities/entity-sinks.js';
import { effectsQueueOf } from '#libs/entity/protocol/task-queues.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryOutcomeMemory } from '#libs/testing/memory-outcome-memory.js';
import { TemporalServer } from './sagas/temporal-server.js';
import { services } from './sagas/services.js';

const run = promisify(execFile);
const [accounts] = services;
const QUEUE = 'account';

/** What the `temporal` program printed, and its exit code. */
export interface Printed {
  readonly code: number;
  readonly text: string;
}

/**
 * Temporal's dev server, workers for accounts and transfers on it, and the `temporal` program, as
 * operators use it by hand.
 */
export class InnerDoor {
  readonly server = new TemporalServer();
  readonly memory = new MemoryOutcomeMemory();
  /** Awaited before an activity decides anything. */
  gate: Promise<void> = Promise.resolve();
  private connection: NativeConnection | undefined;
  private workers: readonly { instance: Worker; ended: Promise<void> }[] = [];

  async open(): Promise<void> {
    await this.server.open();
    this.connection = await NativeConnection.connect({ address: this.server.address });
    await this.startWorkers();
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.connection?.close();
    await this.server.close();
  }

  async startWorkers(): Promise<void> {
    const { connection } = this;
    if (!connection) throw new Error('the inner door is not open');
    const logger = pino({ level: 'silent' });
    const { store, gateway: sender } = this.server;
    const atStep: AtStep = (step) => (step === 'received' ? this.gate : Promise.resolve());
    const shared = { store, logger, sender, outcomeMemory: this.memory, atStep };
    const each = accounts.deciders.map((decider) => {
      return [decider.name, createEntityActivities({ ...shared, decider })] as const;
    });
    const activities = activitiesByCategory(Object.fromEntries(each));
    const options = { connection, activities, interceptors };
    const workflowBundle = { codePath: accounts.workflowBundle };
    const instances = await Promise.all([
      Worker.create({ ...options, taskQueue: QUEUE, workflowBundle, sinks: entitySinks(logger) }),
      Worker.create({ ...options, taskQueue: effectsQueueOf(QUEUE) }),
    ]);
    this.workers = instances.map((instance) => ({ instance, ended: instance.run() }));
  }

  async stopWorkers(): Promise<void> {
    for (const { instance } of this.workers) instance.shutdown();
    await Promise.all(this.workers.map(({ ended }) => ended));
    this.workers = [];
  }

  /** The stream of an account with this history. */
  async account(...events: readonly AccountEvent[]): Promise<string> {
    const stream = streamName('account', randomUUID());
    await this.server.store.append(stream, -1, historyOf(stream, events, toTimestamp(Date.now())));
    return stream;
  }

  /** Runs the program: `temporal workflow signal …`. */
  async temporal(...args: readonly string[]): Promise<Printed> {
    const program = process.env['TEMPORAL_PROGRAM'] ?? 'temporal';
    const all = [...args, '--address', this.server.address];
    try {
      const { stdout, stderr } = await run(program, all, { timeout: 30_000 });
      return { code: 0, text: stdout + stderr };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
      return { code: code ?? 1, text: stdout + stderr };
    }
  }

  /**
   * Sends a signal with an argument that the program itself refuses to send, but another client
   * may.
   */
  async signalRaw(stream: string, signalName: string, data: string): Promise<void> {
    const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(data) };
    await this.server.client.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: stream },
      signalName,
      input: { payloads: [payload] },
    });
  }

  /** Starts the workflow of an account as anybody could. */
  start(stream: string, ...options: readonly string[]): Promise<Printed> {
    const what = ['--type', 'account', '--task-queue', QUEUE, '--workflow-id', stream];
    return this.temporal('workflow', 'start', ...what, ...options);
  }
}
