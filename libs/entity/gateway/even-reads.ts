import type { EventStore, ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';

/** A stream that no entity has. */
const NOTHING = 'nothing-default.nothing';

/**
 * Counts the reads of one request, and adds to them. What belongs to others is answered like what
 * does not exist, and must not be told apart by what it costs either.
 */
export class EvenReads {
  /** `count` reads were done before. */
  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private count = 0,
  ) {}

  read(stream: string, options?: ReadOptions): AsyncIterable<RecordedEvent> {
    this.count += 1;
    return this.store.read(stream, options);
  }

  /** Reads a stream that does not exist until this many reads are done. */
  async fillUp(total: number): Promise<void> {
    while (this.count < total) for await (const _ of this.read(NOTHING, { limit: 1 })) continue;
  }
}
