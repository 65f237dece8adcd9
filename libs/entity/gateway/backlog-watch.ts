import { EntityBusyError } from './entity-gateway.js';

/** The size of the history of an entity's run. */
export interface RunSize {
  readonly events: number;
  readonly bytes: number;
}

/**
 * A run ends before half of this, unless more commands wait in it than the next one may take over.
 * Deciding them about doubles the history, and Temporal terminates a run at 51,200 events or 50 MB
 * and accepts at most 10,000 signals in one. All undecided commands would then be lost.
 */
const RUN_LIMITS: RunSize = { events: 8_000, bytes: 10 * 1024 * 1024 };
/** Messages to an entity between two checks; each has at most 256 KB. */
const MESSAGES_BETWEEN_LOOKS = 25;
/** Entities whose messages are counted. Beyond that, all counts restart. */
const COUNTED_ENTITIES = 10_000;

/**
 * Stops senders from filling an entity faster than it decides. It checks the run only now and then,
 * but before each message while the run is too large.
 */
export class BacklogWatch {
  private readonly sent = new Map<string, number>();

  constructor(
    /** The size of the open run; undefined if none is open. May throw. */
    private readonly sizeOf: (stream: string) => Promise<RunSize | undefined>,
  ) {}

  /** Call it before each message. Throws `EntityBusyError` while the entity must catch up first. */
  async admit(stream: string): Promise<void> {
    const { sent } = this;
    const count = (sent.get(stream) ?? 0) + 1;
    if (sent.size >= COUNTED_ENTITIES) sent.clear();
    sent.set(stream, count);
    if (count < MESSAGES_BETWEEN_LOOKS) return;
    // If the size is unknown, the message itself will meet the reason.
    const size = await this.sizeOf(stream).catch(() => undefined);
    if (size && (size.events > RUN_LIMITS.events || size.bytes > RUN_LIMITS.bytes)) {
      throw new EntityBusyError('the entity has too many commands waiting');
    }
    sent.delete(stream);
  }
}
