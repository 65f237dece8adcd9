import type { ReadOptions } from '#libs/event-store/event-store.js';
import { MemoryEventStore } from './memory-event-store.js';

/**
 * A store that counts what searches read of it, and holds back those which begin below a revision until the gate is lifted: so a
 * test knows that nobody has waited for them. Folds, which read to the end, pass it.
 */
export class GatedEventStore extends MemoryEventStore {
  /** Events that searches asked for since this was last set. */
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
