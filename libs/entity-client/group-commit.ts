import { EntityBusyError } from './entity-gateway.js';

/** Sends one message with all of `items` to the entity called `key`; answers one result an item, in order. */
export type Dispatch<Item, Result> = (key: string, items: readonly Item[]) => Promise<readonly Result[]>;

export interface GroupCommitLimits {
  readonly items: number;
  readonly bytes: number;
  /** Items that may wait for one key before more are refused. */
  readonly waiting: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Group commit by key: while one message to an entity is under way, what else is for it waits here and leaves together
 * in the next one. No latency is added at rest, and under load one message carries many commands.
 */
export class GroupCommit<Item, Result> {
  private readonly lanes = new Map<string, Waiting<Item, Result>[]>();

  constructor(
    private readonly dispatch: Dispatch<Item, Result>,
    private readonly limits: GroupCommitLimits,
  ) {}

  /** Resolves when the message with this item was answered. Throws `EntityBusyError` when too many wait already. */
  submit(key: string, item: Item): Promise<Result> {
    const lane = this.lanes.get(key);
    if (lane && lane.length >= this.limits.waiting) {
      throw new EntityBusyError(`${lane.length} commands wait for ${key}`);
    }
    return new Promise<Result>((resolve, reject) => {
      const waiting = { item, bytes: Buffer.byteLength(JSON.stringify(item)), resolve, reject };
      if (lane) {
        lane.push(waiting);
      } else {
        this.lanes.set(key, [waiting]);
        void this.drain(key);
      }
    });
  }

  private async drain(key: string): Promise<void> {
    const lane = this.lanes.get(key) ?? [];
    while (lane.length > 0) {
      const batch = lane.splice(0, this.countFor(lane));
      try {
        const items = batch.map(({ item }) => item);
        const results = await this.dispatch(key, items);
        batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.lanes.delete(key);
  }

  /** How many of the first go into one message: at least one. */
  private countFor(lane: readonly Waiting<Item, Result>[]): number {
    let bytes = 0;
    let count = 0;
    for (const waiting of lane) {
      bytes += waiting.bytes;
      if (count > 0 && (count >= this.limits.items || bytes > this.limits.bytes)) break;
      count += 1;
    }
    return count;
  }
}
