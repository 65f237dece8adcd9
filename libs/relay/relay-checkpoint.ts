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
/** In place of a position, where a category has no events. */
const NONE = 'none';

/** A fact about a store: after one position it holds no event of the category up to another one. */
interface Quiet {
  /** Position of the category's last event. */
  readonly after: bigint | undefined;
  readonly upTo: bigint;
}

export interface RelayCheckpointOptions {
  readonly category: string;
  readonly store: EventStore;
  readonly logger: Logger;
  /** Between two that are saved; half a minute, unless said otherwise. */
  readonly intervalMilliseconds?: number | undefined;
}

/** Where the checkpoint of a category's relay stands in the store: `account_relay-default.checkpoint`. */
export function checkpointStream(category: string): string {
  return streamName(`${category}_relay`, 'checkpoint');
}

/**
 * Spares the relay of a quiet category the events that others have written since its last one. What is saved is a fact
 * about the store, kept in the store that it is about, so it is lost or restored together with it. It helps a relay only
 * whose topic ends at the event that it speaks of.
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

  /** Up to where a relay need not read whose topic ends at `after`. Throws `StoreUnavailableError`. */
  async find(after: bigint | undefined): Promise<bigint | undefined> {
    const { store, category } = this.options;
    const last = await this.last();
    const quiet = last && quietOf(this.stream, last);
    if (quiet?.after !== after || !quiet) return undefined;
    try {
      // A store that was scavenged may know the position no more.
      await store.readAll({ streamPrefix: `${category}-`, after: String(quiet.upTo), limit: 1 });
    } catch (error) {
      if (error instanceof UnknownPositionError) return undefined;
      throw error;
    }
    this.saved = quiet;
    return quiet.upTo;
  }

  /** Up to where the relay need not read again; undefined when nothing was saved. */
  get position(): bigint | undefined {
    return this.saved?.upTo;
  }

  /** Learns that between these positions there is no event of the category. Saves it soon, and never fails. */
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
        // The next one is tried when there is more to tell.
        this.options.logger.warn({ err: error }, 'the checkpoint of the relay was not saved');
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

/** What an event says; undefined when it is not as the relay wrote it, or speaks of what came after it. */
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
