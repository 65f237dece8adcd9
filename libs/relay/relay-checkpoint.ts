import type { EventStore } from '#libs/event-store/event-store.js';
import { UnknownPositionError } from '#libs/event-store/event-store.errors.js';
import { lastEvent, lastRevision } from '#libs/event-store/stream-end.js';
import type { Logger } from '#libs/runtime/logger.js';
import {
  categoryCheckpointStream,
  checkpointEvent,
  checkpointStream,
  type Quiet,
  quietByCategory,
  quietOfCategory,
} from './relay-checkpoint.codec.js';

const INTERVAL_MILLISECONDS = 30_000;

export interface RelayCheckpointOptions {
  readonly service: string;
  readonly store: EventStore;
  readonly logger: Logger;
  /** Minimum time between two saves. Default: half a minute. */
  readonly intervalMilliseconds?: number | undefined;
}

type QuietByCategory = ReadonlyMap<string, Quiet>;

/**
 * Lets a relay skip what the store holds of others since the last event of a category. The
 * checkpoint is stored in the store that it describes, so both are lost or restored together. It is
 * used only for a category whose topic ends at the event that the checkpoint names.
 */
export class RelayCheckpoint {
  private readonly stream: string;
  private latest: QuietByCategory = new Map();
  private saved: QuietByCategory = new Map();
  private revision: number | undefined;
  private lastSavedAt = -Infinity;
  private saving: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RelayCheckpointOptions) {
    this.stream = checkpointStream(options.service);
  }

  /**
   * For categories whose topics end at these positions, where a relay can begin to read: there, or
   * after what the checkpoint lets it skip. Throws `StoreUnavailableError`.
   */
  async find(
    ends: ReadonlyMap<string, bigint | undefined>,
  ): Promise<ReadonlyMap<string, bigint | undefined>> {
    const last = await lastEvent(this.options.store, this.stream);
    const found = last ? quietByCategory(this.stream, last) : new Map<string, Quiet>();
    const known = new Map<bigint, Promise<boolean>>();
    const starts = [...ends].map(async ([category, end]) => {
      const quiet = found.get(category) ?? (await this.earlier(category));
      if (!quiet || quiet.after !== end) return [category, end] as const;
      const isKnown = known.get(quiet.upTo) ?? this.isKnown(quiet.upTo);
      known.set(quiet.upTo, isKnown);
      return [category, (await isKnown) ? quiet.upTo : end] as const;
    });
    const from = new Map(await Promise.all(starts));
    this.saved = new Map([
      ...this.saved,
      ...[...found].filter(([name]) => from.get(name) !== ends.get(name)),
    ]);
    return from;
  }

  /** Up to where the next relay need not read for a category, or undefined if nothing was saved. */
  positionOf(category: string): bigint | undefined {
    return this.saved.get(category)?.upTo;
  }

  /** Notes what is known of the store now. Saves it soon, and never fails. */
  note(quiet: QuietByCategory): void {
    this.latest = new Map([...this.latest, ...quiet]);
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
    return [...this.latest].some(([category, { upTo }]) => upTo !== this.saved.get(category)?.upTo);
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
    const quiet = new Map([...this.saved, ...this.latest]);
    if (quiet.size === 0) return;
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

  private async append(quiet: QuietByCategory): Promise<void> {
    const { store } = this.options;
    this.revision ??= await lastRevision(store, this.stream);
    if (this.revision < 0) await store.keepLast(this.stream, 1);
    this.revision = await store.append(this.stream, this.revision, [checkpointEvent(this.stream, quiet)]);
    this.saved = quiet;
  }

  /** What the relay of this category alone noted. Earlier releases had one for each. */
  private async earlier(category: string): Promise<Quiet | undefined> {
    const stream = categoryCheckpointStream(category);
    const last = await lastEvent(this.options.store, stream);
    return last && quietOfCategory(stream, last);
  }

  /** A scavenged store may no longer know the position. */
  private async isKnown(position: bigint): Promise<boolean> {
    const { store } = this.options;
    try {
      await store.readAll({ streamPrefix: this.stream, after: String(position), limit: 1 });
      return true;
    } catch (error) {
      if (error instanceof UnknownPositionError) return false;
      throw error;
    }
  }
}
