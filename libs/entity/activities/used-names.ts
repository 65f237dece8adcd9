import type { AnyDecider, Command, DomainEvent } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { EndedOwners } from './ended-owners.js';
import { type Lookup, nameKey } from './lookup.js';
import type { NameAnswer, NameIndex } from './name-index.js';

const NOTHING: NameAnswer = { revision: -1, used: [] };

/** What deciding a command needs of the names. */
export type LookedUpNames = Pick<UsedNames, 'missing' | 'lookedUp' | 'isDoubtful'>;

/** Marks the stream of an owner in a list of names to look up. No name contains a space. */
const OWNER = 'owner ';

/**
 * The names inside an entity that its events have used up, as far as they were looked up. A state
 * cannot remember every hold or reservation for ever, and its rules must not accept an old name as
 * a new one.
 */
export class UsedNames {
  /** Owners are looked up together with names. */
  readonly owners: EndedOwners;
  /** `unknown`: the lookup would have had to read too much. */
  private readonly known = new Map<string, boolean | 'unknown'>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly stream: string,
    private readonly index: NameIndex | undefined,
    private readonly lookup: Lookup,
    store: EventStore,
  ) {
    this.owners = new EndedOwners(decider, store);
  }

  /** The names and owners of a command that have not been looked up yet. */
  missing(command: Command, state: JsonObject): readonly string[] {
    const names = this.claims(command, state).filter((name) => !this.known.has(name));
    return [...names, ...this.owners.missing(command, state).map((owner) => `${OWNER}${owner}`)];
  }

  /**
   * The command with its used names and ended owners. `justNow` holds the names that the same
   * append uses up.
   */
  lookedUp(command: Command, state: JsonObject, justNow: ReadonlySet<string>): Command {
    const isUsed = (name: string) => this.known.get(name) === true || justNow.has(name);
    const usedNames = this.claims(command, state).filter(isUsed);
    const endedOwners = this.owners.endedOf(command, state);
    return {
      ...command,
      ...(usedNames.length > 0 && { usedNames }),
      ...(endedOwners.length > 0 && { endedOwners }),
    };
  }

  /** Whether it cannot be known now if all names that a command claims are new. */
  isDoubtful(command: Command, state: JsonObject, justNow: ReadonlySet<string>): boolean {
    return this.claims(command, state).some(
      (name) => this.known.get(name) === 'unknown' && !justNow.has(name),
    );
  }

  /**
   * The same names as seen by a sender for whom the entity does not exist. Its commands cost the
   * same lookups, but names that are used tell it nothing.
   */
  asNoEntity(): LookedUpNames {
    return {
      missing: (command, state) => this.missing(command, state),
      lookedUp: (command, state, justNow) => {
        const { usedNames: _, ...rest } = this.lookedUp(command, state, justNow);
        return rest;
      },
      isDoubtful: () => false,
    };
  }

  /** Takes an event that was written after the lookup. */
  see(event: DomainEvent): void {
    for (const name of this.decider.names?.(event) ?? []) {
      if (this.known.has(name)) this.known.set(name, true);
    }
  }

  /** Looks up everything that was missing. Names are looked for in the events up to a revision. */
  async look(missing: readonly string[], upTo: number): Promise<void> {
    const names = missing.filter((one) => !one.startsWith(OWNER));
    const owners = missing.filter((one) => one.startsWith(OWNER)).map((one) => one.slice(OWNER.length));
    await Promise.all([names.length > 0 && this.lookForNames(names, upTo), this.owners.look(owners)]);
  }

  /** Asks the index as far as it reaches, and reads the stream after that. */
  private async lookForNames(names: readonly string[], upTo: number): Promise<void> {
    const { stream, decider, index } = this;
    const { streams, patience, budget } = this.lookup;
    const { revision, used } =
      (index && (await patience.answerTo(() => index.find(stream, names)))) ?? NOTHING;
    const found = new Set(used);
    const part = { stream, keys: names.map(nameKey), above: revision, upTo };
    const { events, from } = await streams.find(part, budget);
    for (const { type, data } of events) {
      for (const name of decider.names?.({ type, data }) ?? []) found.add(name);
    }
    const isWhole = from <= revision + 1;
    for (const name of names) this.known.set(name, found.has(name) || (isWhole ? false : 'unknown'));
  }

  private claims(command: Command, state: JsonObject): readonly string[] {
    return this.decider.claims?.(command, state) ?? [];
  }
}
