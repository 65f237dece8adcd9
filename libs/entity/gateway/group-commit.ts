import { EntityBusyError } from './entity-gateway.js';

/**
 * Sends one message with all of `items` to the entity called `key`; answers one result an item, in order. Calls `accept` once
 * the entity has taken them, if that can be told before.
 */
export type Dispatch<Item, Result> = (
  key: string,
  items: readonly Item[],
  accept: () => void,
) => Promise<readonly Result[]>;

export interface GroupCommitLimits {
  readonly items: number;
  readonly bytes: number;
  /** Items that may wait for one key before more are refused. */
  readonly waiting: number;
}

/** An item on its way. */
export interface Submission<Result> {
  /** When the message with the item was answered. */
  readonly result: Promise<Result>;
  /** Takes the item back if it still waits: it is never sent then. False once it has left. */
  withdraw(): boolean;
  isAccepted(): boolean;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly progress: { isAccepted: boolean };
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

  /** Hands an item over. Throws `EntityBusyError` when too many wait already. */
  submit(key: string, item: Item): Submission<Result> {
    const lane = this.lanes.get(key) ?? [];
    if (lane.length >= this.limits.waiting) {
      throw new EntityBusyError(`${lane.length} commands wait for ${key}`);
    }
    const bytes = Buffer.byteLength(JSON.stringify(item));
    const progress = { isAccepted: false };
    const result = new Promise<Result>((resolve, reject) => {
      lane.push({ item, bytes, progress, resolve, reject });
    });
    if (!this.lanes.has(key)) {
      this.lanes.set(key, lane);
      void this.drain(key, lane);
    }
    return {
      result,
      withdraw: () => {
        const index = lane.findIndex((waiting) => waiting.progress === progress);
        if (index >= 0) lane.splice(index, 1);
        return index >= 0;
      },
      isAccepted: () => progress.isAccepted,
    };
  }

  private async drain(key: string, lane: Waiting<Item, Result>[]): Promise<void> {
    while (lane.length > 0) {
      const batch = lane.splice(0, this.countFor(lane));
      const accept = (): void => {
        for (const { progress } of batch) progress.isAccepted = true;
      };
      try {
        const items = batch.map(({ item }) => item);
        const results = await this.dispatch(key, items, accept);
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
