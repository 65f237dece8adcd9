import { EntityBusyError } from './entity-gateway.js';

/**
 * Sends one message with all `items` to the entity `key`. Resolves to one result per item, in
 * order. Calls `accept` once the entity has accepted the items, if that is known before the results
 * are.
 */
export type Dispatch<Item, Result> = (
  key: string,
  items: readonly Item[],
  accept: () => void,
) => Promise<readonly Result[]>;

/** The most that one message may hold. */
export interface MessageLimits {
  readonly items: number;
  readonly bytes: number;
}

export interface GroupCommitLimits extends MessageLimits {
  /** How many items may wait for one key before more are refused. */
  readonly waiting: number;
}

/** Submitted items. They are sent together, in one message. */
export interface Submission<Result> {
  /** One result per item, in order, once the message has been answered. */
  readonly results: Promise<readonly Result[]>;
  /**
   * Takes the items back, so that they are never sent, and returns true. Returns false if they have
   * already left.
   */
  withdraw(): boolean;
  isAccepted(): boolean;
}

interface Waiting<Item, Result> {
  readonly items: readonly Item[];
  readonly size: MessageLimits;
  readonly progress: { isAccepted: boolean };
  resolve(results: readonly Result[]): void;
  reject(error: unknown): void;
}

/**
 * Group commit by key: while a message to an entity is in flight, further items for it wait here
 * and leave together in the next message. This adds no latency at low load, and under high load one
 * message carries many items.
 */
export class GroupCommit<Item, Result> {
  private readonly lanes = new Map<string, Waiting<Item, Result>[]>();

  constructor(
    private readonly dispatch: Dispatch<Item, Result>,
    private readonly limits: GroupCommitLimits,
  ) {}

  /** Submits items that fit into one message. Throws `EntityBusyError` if too many are waiting. */
  submit(key: string, items: readonly Item[]): Submission<Result> {
    const lane = this.lanes.get(key) ?? [];
    const waiting = lane.reduce((sum, { size }) => sum + size.items, 0);
    if (waiting >= this.limits.waiting) throw new EntityBusyError(`${waiting} commands wait for ${key}`);
    const progress = { isAccepted: false };
    const results = new Promise<readonly Result[]>((resolve, reject) => {
      lane.push({ items, size: sizeOf(items), progress, resolve, reject });
    });
    if (!this.lanes.has(key)) {
      this.lanes.set(key, lane);
      void this.drain(key, lane);
    }
    return {
      results,
      withdraw: () => {
        const index = lane.findIndex((one) => one.progress === progress);
        if (index >= 0) lane.splice(index, 1);
        return index >= 0;
      },
      isAccepted: () => progress.isAccepted,
    };
  }

  private async drain(key: string, lane: Waiting<Item, Result>[]): Promise<void> {
    while (lane.length > 0) {
      const fitting = countFitting(
        lane.map(({ size }) => size),
        this.limits,
      );
      const batch = lane.splice(0, fitting);
      const accept = (): void => {
        for (const { progress } of batch) progress.isAccepted = true;
      };
      try {
        const items = batch.flatMap((one) => one.items);
        const results = [...(await this.dispatch(key, items, accept))];
        for (const one of batch) one.resolve(results.splice(0, one.items.length));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.lanes.delete(key);
  }
}

/** How many of `items`, counted from the first, fit into one message. At least one. */
export function countInMessage(items: readonly unknown[], limits: MessageLimits): number {
  const first = items.slice(0, limits.items);
  return countFitting(
    first.map((item) => sizeOf([item])),
    limits,
  );
}

function countFitting(sizes: readonly MessageLimits[], limits: MessageLimits): number {
  const sum = { items: 0, bytes: 0 };
  const end = sizes.findIndex(({ items, bytes }, index) => {
    sum.items += items;
    sum.bytes += bytes;
    return index > 0 && (sum.items > limits.items || sum.bytes > limits.bytes);
  });
  return end < 0 ? sizes.length : end;
}

function sizeOf(items: readonly unknown[]): MessageLimits {
  const bytes = items.reduce<number>((sum, item) => sum + Buffer.byteLength(JSON.stringify(item)), 0);
  return { items: items.length, bytes };
}
