import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { undividedQueueOf } from '#libs/entity/protocol/task-queues.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { WorkerHost } from '#libs/runtime/worker-host.js';

const LOOK_EVERY_MILLISECONDS = 20_000;
const PATIENCE_MILLISECONDS = 5_000;
/** Temporal's lists are some time behind, so a queue counts as empty after this many looks. */
const LOOKS_UNTIL_EMPTY = 3;
/** How many queues one look finds at most. Any others are found once these are empty. */
const MOST_QUEUES = 100;

interface Options {
  readonly client: Client;
  /** The types of the entities, sagas and flows. */
  readonly types: readonly string[];
  /** The undivided task queues that may have former partitions. */
  readonly queues: readonly string[];
  /** The task queues that are polled anyway. */
  readonly polled: readonly string[];
  /** Starts a worker for a former task queue. */
  readonly start: (taskQueue: string) => WorkerHost;
  readonly logger: Logger;
  /** In milliseconds. Default: 20 seconds. */
  readonly lookEvery?: number;
}

interface Former {
  readonly worker: WorkerHost;
  emptyLooks: number;
}

/**
 * Polls the task queues on which entities still live since their queue had another number of
 * partitions, each until it is empty. An entity moves to its own queue when its run continues as
 * new, or when it is started again.
 */
export class FormerQueues {
  private readonly found = new Map<string, Former>();
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly options: Options) {
    this.running = this.run();
  }

  /** Those that poll former queues at present. */
  get workers(): readonly WorkerHost[] {
    return [...this.found.values()].map(({ worker }) => worker);
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.all(this.workers.map((worker) => worker.shutdown()));
  }

  private async run(): Promise<void> {
    const { lookEvery = LOOK_EVERY_MILLISECONDS } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.look();
      await sleep(lookEvery, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const { logger } = this.options;
    try {
      const queues = await this.withEntities();
      if (!this.stopping.signal.aborted) await this.poll(queues);
    } catch (error) {
      logger.warn({ err: error }, 'Temporal was not asked which task queues still have entities');
    }
  }

  private async poll(queues: ReadonlySet<string>): Promise<void> {
    const { start, logger } = this.options;
    for (const taskQueue of queues) {
      const former = this.found.get(taskQueue);
      if (former) former.emptyLooks = 0;
      else {
        logger.info({ taskQueue }, 'polls a former task queue until it is empty');
        this.found.set(taskQueue, { worker: start(taskQueue), emptyLooks: 0 });
      }
    }
    for (const [taskQueue, former] of this.found) {
      if (queues.has(taskQueue) || (former.emptyLooks += 1) < LOOKS_UNTIL_EMPTY) continue;
      this.found.delete(taskQueue);
      await former.worker.shutdown();
      logger.info({ taskQueue }, 'no longer polls a former task queue: it is empty');
    }
  }

  /** The former task queues that have open workflows. */
  private async withEntities(): Promise<ReadonlySet<string>> {
    const { client, types, queues, polled } = this.options;
    const seen = new Set<string>();
    const open = `WorkflowType IN (${quoted(types)}) AND ExecutionStatus = 'Running'`;
    for (let looks = 0; looks < MOST_QUEUES; looks += 1) {
      const query = `${open} AND TaskQueue NOT IN (${quoted([...polled, ...seen])})`;
      const another = await client.withDeadline(Date.now() + PATIENCE_MILLISECONDS, () =>
        firstQueueOf(client, query),
      );
      if (another === undefined) break;
      seen.add(another);
    }
    // Somebody may have started a workflow of one of our types on a queue of their own.
    return new Set([...seen].filter((queue) => queues.includes(undividedQueueOf(queue))));
  }
}

async function firstQueueOf(client: Client, query: string): Promise<string | undefined> {
  for await (const { taskQueue } of client.workflow.list({ query, pageSize: 1 })) return taskQueue;
  return undefined;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}
