import { EntityBusyError } from './entity-gateway.js';
import { hotEntities } from './hot-entities.js';

/** The size of the history of an entity's run. */
export interface RunSize {
  readonly events: number;
  readonly bytes: number;
}

/**
 * Limits of a run, beyond which no further messages are sent to it. Normally a run continues as new
 * before it reaches half of them. It cannot while more commands are waiting than it may carry over.
 *
 * Deciding those commands about doubles the history. Temporal terminates a run at 51,200 events or
 * 50 MB, and all undecided commands would then be lost. It also accepts at most 10,000 signals per
 * run.
 */
const RUN_LIMITS: RunSize = { events: 8_000, bytes: 10 * 1024 * 1024 };
/** A run continues as new before half of its limits, unless more is sent than it decides. */
const HOT_SHARE = 0.5;
/** How many messages to an entity pass between two checks. Each has at most 256 KB. */
const MESSAGES_BETWEEN_LOOKS = 25;
/** How often a hot entity is looked at, so that it is known when it has caught up. */
const AGAIN_MILLISECONDS = 5_000;
/** How many entities are counted. Beyond that, all counts restart. */
const COUNTED_ENTITIES = 10_000;

/** How much of its limits a run has used. */
function shareOf({ events, bytes }: RunSize): number {
  return Math.max(events / RUN_LIMITS.events, bytes / RUN_LIMITS.bytes);
}

/** Throws `EntityBusyError` if the run may take no more. */
function assertRoom(stream: string, size: RunSize): void {
  const share = shareOf(size);
  if (share > HOT_SHARE) hotEntities.note(stream, share > 1);
  if (share > 1) throw new EntityBusyError('the entity has too many commands waiting');
}

/**
 * Stops senders from filling an entity faster than it decides. Normally it checks the run after a
 * number of messages; while the run is too large, before each message.
 */
export class BacklogWatch {
  private readonly sent = new Map<string, number>();
  /** The hot ones. */
  private readonly followed = new Set<string>();

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
    // If the size cannot be read, let the message pass: sending it will fail for the same reason.
    const size = await this.sizeOf(stream).catch(() => undefined);
    if (size && shareOf(size) > HOT_SHARE) this.follow(stream);
    if (size) assertRoom(stream, size);
    sent.delete(stream);
  }

  /** Looks at a hot entity until it has caught up. */
  private follow(stream: string): void {
    const { followed } = this;
    if (followed.has(stream)) return;
    followed.add(stream);
    const look = async (): Promise<void> => {
      // Undefined: no run is open any more. Null: nobody knows.
      const size = await this.sizeOf(stream).catch(() => null);
      const share = size ? shareOf(size) : 0;
      if (share > HOT_SHARE) hotEntities.note(stream, share > 1);
      if ((size === null || share > HOT_SHARE) && hotEntities.has(stream)) return again();
      hotEntities.forget(stream);
      followed.delete(stream);
    };
    const again = (): void => void setTimeout(() => void look(), AGAIN_MILLISECONDS).unref();
    again();
  }
}
