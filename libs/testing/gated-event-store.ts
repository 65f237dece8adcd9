import type { ReadOptions } from '#libs/event-store/event-store.js';
import { MemoryEventStore } from './memory-event-store.js';

/**
 * A store that counts what searches read from it, and blocks those that start below a revision
 * until the gate is opened. So a test can show that nothing waited for them. Folds, which read to
 * the end, pass.
 */
export class GatedEventStore extends MemoryEventStore {
  /** Events that searches requested since this was last reset. */
  searched = 0;
  private open: () => void = () => undefined;
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  constructor(private readonly gate: number) {
    super();
  }

  lift(): void {
    this.open();
  }

  override async *read(stream: string, options: ReadOptions = {}) {
    const { from = Infinity, limit } = options;
    if (limit !== undefined) {
      if (from < this.gate) await this.opened;
      this.searched += limit;
    }
    yield* super.read(stream, options);
  }
}
