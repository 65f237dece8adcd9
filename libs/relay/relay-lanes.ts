import type { EventStore } from '#libs/event-store/event-store.js';
import { RelaySource, type RelaySourceOptions } from './relay-source.js';
import type { RelayedCategory } from './relayed-category.js';

/**
 * A category that is further behind the others gets a source of its own until it has caught up.
 * Positions count the bytes of the store.
 */
const NEAR = 4n * 1024n * 1024n;

type Positions = ReadonlyMap<string, bigint | undefined>;

export interface RelayLanesOptions {
  readonly store: EventStore;
  readonly categories: ReadonlyMap<string, RelayedCategory>;
  /** Called when there may be more to take or to join. */
  readonly onChange: () => void;
  /** Called when a source has passed many events of others. */
  readonly onQuiet: (source: RelaySource) => void;
}

/**
 * The sources that a relay reads from: one that all categories share, and one for each category
 * that would delay the others because it is far behind or under suspicion. Such a category joins
 * the others when it has caught up.
 */
export class RelayLanes {
  private shared: RelaySource | undefined;
  private readonly apart = new Map<string, RelaySource>();

  constructor(private readonly options: RelayLanesOptions) {}

  /** `ends`: the last event of each category to skip. `from`: where each can begin to read. */
  open(ends: Positions, from: Positions): void {
    const lead = [...from.values()].reduce<bigint>(
      (max, one) => (one !== undefined && one > max ? one : max),
      0n,
    );
    const isNear = (name: string): boolean => lead - (from.get(name) ?? 0n) <= NEAR;
    const isTrusted = (name: string): boolean => this.options.categories.get(name)?.isSuspect === false;
    const names = [...ends.keys()];
    const together = this.shared ? [] : names.filter((name) => isTrusted(name) && isNear(name));
    if (together.length > 0)
      this.shared = this.source(pick(ends, together), lowest(together.map((name) => from.get(name))));
    for (const name of names) {
      if (!together.includes(name)) this.apart.set(name, this.source(pick(ends, [name]), from.get(name)));
    }
  }

  sources(): readonly RelaySource[] {
    return [...(this.shared ? [this.shared] : []), ...this.apart.values()];
  }

  /** The source of a category. */
  of(name: string): RelaySource | undefined {
    return this.apart.get(name) ?? this.shared;
  }

  /** Whether a source has events or has failed, or is to be joined. */
  isPending(): boolean {
    if ([...this.apart.values()].some(({ isLevel }) => isLevel)) return true;
    return this.sources().some(({ hasEvents, failure }) => hasEvents || failure !== undefined);
  }

  /** Reads the categories that have caught up together with the others. */
  join(): void {
    const level = [...this.apart].filter(([, { isLevel }]) => isLevel);
    if (level.length === 0) return;
    const joined = [...(this.shared ? [this.shared] : []), ...level.map(([, source]) => source)];
    const places = joined.map((source) => source.place());
    for (const source of joined) source.close();
    for (const [name] of level) {
      this.apart.delete(name);
      this.options.categories.get(name)?.isWell();
    }
    const after = new Map(places.flatMap((place) => [...place.after]));
    this.shared = this.source(after, lowest(places.map(({ from }) => from)));
  }

  close(): void {
    for (const source of this.sources()) source.close();
  }

  private source(after: RelaySourceOptions['after'], from: bigint | undefined): RelaySource {
    const { store, onChange, onQuiet } = this.options;
    const source: RelaySource = new RelaySource({
      store,
      after,
      from,
      onChange,
      onQuiet: () => onQuiet(source),
    });
    return source;
  }
}

function pick(positions: Positions, names: readonly string[]): Positions {
  return new Map(names.map((name) => [name, positions.get(name)]));
}

/** The lowest position, where undefined stands for the start of the store. */
function lowest(positions: readonly (bigint | undefined)[]): bigint | undefined {
  return positions.reduce((min, one) =>
    min === undefined || one === undefined ? undefined : one < min ? one : min,
  );
}
