import { EngineUnavailableError, EntityBusyError } from './entity-gateway.js';
import { GroupCommit } from './group-commit.js';

/** Limits for one entity. When this many reads are waiting, further ones are refused. */
const LIMITS = { items: 1_000, bytes: 256 * 1024, waiting: 2_000 };
/** How many entities are read at a time. It is small because a history may have 10 MB. */
const CONCURRENT = 4;

/**
 * Shares expensive reads. Requests for an entity that arrive during a read share the next one. That
 * read starts after they arrived, so it cannot miss anything they know about.
 */
export class SharedReads<Result> {
  private readonly asked: GroupCommit<string, Result>;
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(read: (stream: string, commandIds: readonly string[]) => Promise<readonly Result[]>) {
    this.asked = new GroupCommit((stream, ids) => this.inTurn(() => read(stream, ids)), LIMITS);
  }

  /** Throws what the read throws, and `EngineUnavailableError` when too many requests wait. */
  async find(stream: string, commandId: string): Promise<Result> {
    try {
      const [result] = await this.asked.submit(stream, [commandId]).results;
      return result as Result;
    } catch (error) {
      throw error instanceof EntityBusyError ? new EngineUnavailableError('worker', { cause: error }) : error;
    }
  }

  private async inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.running < CONCURRENT) this.running += 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await read();
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
