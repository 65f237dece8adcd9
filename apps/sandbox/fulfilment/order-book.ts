import { AppendLog } from '../append-log.js';

interface Entry {
  readonly id: string;
  readonly status: 'taken' | 'cancelled';
}

/** Orders by id, in an append-only file, so that everything answered is known after a kill. */
export class OrderBook {
  private readonly log: AppendLog<Entry>;
  private readonly orders = new Map<string, Entry['status']>();

  constructor(file: string) {
    this.log = new AppendLog(file);
    for (const { id, status } of this.log.found) this.orders.set(id, status);
  }

  statusOf(id: string): Entry['status'] | undefined {
    return this.orders.get(id);
  }

  /** Accepts an order once. Returns false if it was cancelled before. */
  take(id: string): boolean {
    if (this.orders.get(id) === 'cancelled') return false;
    this.write({ id, status: 'taken' });
    return true;
  }

  /**
   * Cancels an order. An order that has not arrived yet is refused later, however late its `PUT`
   * comes.
   */
  cancel(id: string): void {
    this.write({ id, status: 'cancelled' });
  }

  private write(entry: Entry): void {
    if (this.orders.get(entry.id) === entry.status) return;
    this.log.append(entry);
    this.orders.set(entry.id, entry.status);
  }
}
