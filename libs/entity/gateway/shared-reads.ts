import { EngineUnavailableError, EntityBusyError } from './entity-gateway.js';
import { GroupCommit } from './group-commit.js';

/** For one entity; those who ask while all of these wait are told to come again. */
const LIMITS = { items: 1_000, bytes: 256 * 1024, waiting: 2_000 };
/** Of different entities at a time: a history may have 10 MB. */
const CONCURRENT = 4;

/**
 * Reads of what is too large to be read for each who asks. Those who ask about an entity while it is being read share the
 * next read, which begins after they have asked, so it misses nothing that they know to be there.
 */
export class SharedReads<Result> {
  private readonly asked: GroupCommit<string, Result>;
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(read: (stream: string, commandIds: readonly string[]) => Promise<readonly Result[]>) {
    this.asked = new GroupCommit((stream, ids) => this.inTurn(() => read(stream, ids)), LIMITS);
  }

  /** Throws what the read throws, and `EngineUnavailableError` when too many ask already. */
  async find(stream: string, commandId: string): Promise<Result> {
    try {
      return await this.asked.submit(stream, commandId).result;
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
