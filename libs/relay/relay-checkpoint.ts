import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { eventId } from '#libs/event-store/event-id.js';
import type { EventStore, EventToAppend, RecordedEvent } from '#libs/event-store/event-store.js';
import { UnknownPositionError } from '#libs/event-store/event-store.errors.js';
import type { Logger } from '#libs/runtime/logger.js';

const TYPE = 'RelayCheckpoint';
const SCHEMA_VERSION = 1;
const INTERVAL_MILLISECONDS = 30_000;
/** In place of a position, for a category without events. */
const NONE = 'none';

/** States that the store holds no event of the category between two positions. */
interface Quiet {
  /** Position of the category's last event. */
  readonly after: bigint | undefined;
  readonly upTo: bigint;
}

export interface RelayCheckpointOptions {
  readonly category: string;
  readonly store: EventStore;
  readonly logger: Logger;
  /** Minimum time between two saves. Default: half a minute. */
  readonly intervalMilliseconds?: number | undefined;
}

/**
 * Stream in the store that holds the checkpoint of a category's relay:
 * `account_relay-default.checkpoint`.
 */
export function checkpointStream(category: string): string {
  return streamName(`${category}_relay`, 'checkpoint');
}

/**
 * Lets the relay of a quiet category skip the events of others since its own last event. The
 * checkpoint is stored in the store that it describes, so both are lost or restored together. A
 * relay uses it only if its topic ends at the event that the checkpoint names.
 */
export class RelayCheckpoint {
  private readonly stream: string;
  private latest: Quiet | undefined;
  private saved: Quiet | undefined;
  private revision: number | undefined;
  private lastSavedAt = -Infinity;
  private saving: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RelayCheckpointOptions) {
    this.stream = checkpointStream(options.category);
  }

  /**
   * The position up to which a relay can skip if its topic ends at `after`. Throws
   * `StoreUnavailableError`.
   */
  async find(after: bigint | undefined): Promise<bigint | undefined> {
    const { store, category } = this.options;
    const last = await this.last();
    const quiet = last && quietOf(this.stream, last);
    if (quiet?.after !== after || !quiet) return undefined;
    try {
      // A scavenged store may no longer know the position.
      await store.readAll({ streamPrefix: `${category}-`, after: String(quiet.upTo), limit: 1 });
    } catch (error) {
      if (error instanceof UnknownPositionError) return undefined;
      throw error;
    }
    this.saved = quiet;
    return quiet.upTo;
  }

  /** The position up to which the relay need not read again, or undefined if nothing was saved. */
  get position(): bigint | undefined {
    return this.saved?.upTo;
  }

  /**
   * Notes that there is no event of the category between these positions. Saves it soon, and never
   * fails.
   */
  note(after: bigint | undefined, upTo: bigint): void {
    this.latest = { after, upTo };
    this.saveWhenDue();
  }

  /** Saves what is not saved yet. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.saving;
    clearTimeout(this.timer);
    if (this.isBehind()) this.save();
    await this.saving;
    clearTimeout(this.timer);
  }

  private isBehind(): boolean {
    return this.latest !== undefined && this.latest.upTo !== this.saved?.upTo;
  }

  private saveWhenDue(): void {
    if (this.timer || this.saving || !this.isBehind()) return;
    const { intervalMilliseconds = INTERVAL_MILLISECONDS } = this.options;
    const left = this.lastSavedAt + intervalMilliseconds - performance.now();
    if (left <= 0) this.save();
    else this.timer = setTimeout(() => this.save(), left).unref();
  }

  private save(): void {
    this.timer = undefined;
    const quiet = this.latest;
    if (!quiet) return;
    this.lastSavedAt = performance.now();
    this.saving = this.append(quiet).then(
      () => {
        this.saving = undefined;
        this.saveWhenDue();
      },
      (error: unknown) => {
        this.saving = undefined;
        this.revision = undefined;
        // The next save happens when there is something new.
        this.options.logger.warn({ err: error }, 'the relay could not save its checkpoint');
      },
    );
  }

  private async append(quiet: Quiet): Promise<void> {
    const { store } = this.options;
    this.revision ??= (await this.last())?.revision ?? -1;
    if (this.revision < 0) await store.keepLast(this.stream, 1);
    this.revision = await store.append(this.stream, this.revision, [toEvent(this.stream, quiet)]);
    this.saved = quiet;
  }

  private async last(): Promise<RecordedEvent | undefined> {
    const { store } = this.options;
    for await (const event of store.read(this.stream, { direction: 'backwards', limit: 1 })) return event;
    return undefined;
  }
}

/**
 * The content of a checkpoint event, or undefined if the relay did not write it, or if it covers
 * later events.
 */
function quietOf(stream: string, { id, type, data, metadata, position }: RecordedEvent): Quiet | undefined {
  const { commandId, schemaVersion } = metadata;
  if (type !== TYPE || schemaVersion !== SCHEMA_VERSION) return undefined;
  if (id !== eventId(stream, commandId, 0, 1, TYPE, data)) return undefined;
  const after = positionOf(data['after']);
  const upTo = positionOf(data['upTo']);
  const isWhole = data['after'] === NONE || after !== undefined;
  if (!isWhole || upTo === undefined || upTo >= BigInt(position)) return undefined;
  return after === undefined || after < upTo ? { after, upTo } : undefined;
}

function positionOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function toEvent(stream: string, { after, upTo }: Quiet): EventToAppend {
  const data: JsonObject = { after: String(after ?? NONE), upTo: String(upTo) };
  const commandId = `${stream}@${upTo}`;
  return {
    id: eventId(stream, commandId, 0, 1, TYPE, data),
    type: TYPE,
    data,
    metadata: {
      commandId,
      actor: 'system:relay',
      at: toTimestamp(Date.now()),
      index: 0,
      count: 1,
      schemaVersion: SCHEMA_VERSION,
      $correlationId: commandId,
      $causationId: commandId,
    },
  };
}
