import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

interface Entry {
  readonly id: string;
  readonly status: 'taken' | 'cancelled';
}

/** Orders by id, in an append-only file, so that everything answered is known after a kill. */
export class OrderBook {
  private readonly orders = new Map<string, Entry['status']>();

  constructor(private readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
    for (const line of readLines(file)) this.replay(line);
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
    appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
    this.orders.set(entry.id, entry.status);
  }

  /** A line truncated by a kill was never answered. */
  private replay(line: string): void {
    try {
      const { id, status } = JSON.parse(line) as Entry;
      this.orders.set(id, status);
    } catch {
      return;
    }
  }
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
