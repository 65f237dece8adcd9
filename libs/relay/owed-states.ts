import type { RecordedEvent } from '#libs/event-store/event-store.js';

interface Owed {
  /** The last of its events on the event topic. Absent if only the refill has met the entity. */
  last?: RecordedEvent;
  /** Position of the event before the first of those, or undefined if there was none. */
  before?: bigint | undefined;
}

/**
 * Entities whose next state is written by the refill instead of with their events. Either the
 * refill has met them, or the relay left them to it because folding them would delay the events of
 * all others.
 */
export class OwedStates {
  private readonly byStream = new Map<string, Owed>();
  private wake = (): void => undefined;

  get size(): number {
    return this.byStream.size;
  }

  has(stream: string): boolean {
    return this.byStream.has(stream);
  }

  /** The refill is responsible for this entity until it is released. */
  take(stream: string): void {
    if (!this.byStream.has(stream)) this.byStream.set(stream, {});
  }

  /**
   * An event of the entity is published without its state. `before`: position of the last event
   * before this batch.
   */
  pass(last: RecordedEvent, before: bigint | undefined): void {
    const owed = this.byStream.get(last.stream);
    if (owed?.last) owed.last = last;
    else this.byStream.set(last.stream, { last, before });
    this.wake();
  }

  passed(stream: string): RecordedEvent | undefined {
    return this.byStream.get(stream)?.last;
  }

  release(stream: string): void {
    this.byStream.delete(stream);
  }

  /** The first entities, at most `count`. */
  first(count: number): readonly string[] {
    return [...this.byStream.keys()].slice(0, count);
  }

  /**
   * Position before the first event with an owed state, ignoring the entities in `without`, or
   * `null` if none is owed.
   */
  heldAt(without?: ReadonlyMap<string, unknown>): bigint | undefined | null {
    let lowest: bigint | undefined | null = null;
    for (const [stream, { last, before }] of this.byStream) {
      if (!last || without?.has(stream)) continue;
      if (before === undefined) return undefined;
      if (lowest === null || before < lowest) lowest = before;
    }
    return lowest;
  }

  /** Resolves when a state is owed, or when the signal aborts. */
  async some(signal: AbortSignal): Promise<void> {
    if (this.byStream.size > 0 || signal.aborted) return;
    let stop = (): void => undefined;
    await new Promise<void>((resolve) => {
      stop = () => resolve();
      this.wake = stop;
      signal.addEventListener('abort', stop, { once: true });
    });
    signal.removeEventListener('abort', stop);
    this.wake = (): void => undefined;
  }
}
