import { EntityBusyError } from './entity-gateway.js';

/** How much Temporal has written of the run of an entity. */
export interface RunSize {
  readonly events: number;
  readonly bytes: number;
}

/**
 * A run ends before the half of this, unless more waits in it than may cross to the next one. What waits about doubles while it
 * is decided, and Temporal terminates a run at 51,200 events or 50 MB and takes no more than 10,000 signals in one: all that
 * it was sent and has not decided would be lost.
 */
const RUN_LIMITS: RunSize = { events: 8_000, bytes: 10 * 1024 * 1024 };
/** What a process sends an entity between two looks: at most 256 KB a message. */
const MESSAGES_BETWEEN_LOOKS = 25;
/** Whose messages are counted; then the counting begins anew. */
const COUNTED_ENTITIES = 10_000;

/**
 * Keeps senders from filling an entity faster than it decides. It looks at the run now and then only, and looks every time while
 * the run holds too much.
 */
export class BacklogWatch {
  private readonly sent = new Map<string, number>();

  constructor(
    /** The size of the run that is open; undefined when none is. May throw. */
    private readonly sizeOf: (stream: string) => Promise<RunSize | undefined>,
  ) {}

  /** To be asked before each message. Throws `EntityBusyError` while what the entity has should be decided first. */
  async admit(stream: string): Promise<void> {
    const { sent } = this;
    const count = (sent.get(stream) ?? 0) + 1;
    if (sent.size >= COUNTED_ENTITIES) sent.clear();
    sent.set(stream, count);
    if (count < MESSAGES_BETWEEN_LOOKS) return;
    // When nobody tells, the message itself will meet the reason.
    const size = await this.sizeOf(stream).catch(() => undefined);
    if (size && (size.events > RUN_LIMITS.events || size.bytes > RUN_LIMITS.bytes)) {
      throw new EntityBusyError('the entity has too many commands waiting');
    }
    sent.delete(stream);
  }
}
