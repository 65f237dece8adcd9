import type { AnyDecider, Command, DomainEvent } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { EndedOwners } from './ended-owners.js';
import { type Lookup, nameKey } from './lookup.js';
import type { NameAnswer, NameIndex } from './name-index.js';

const NOTHING: NameAnswer = { revision: -1, used: [] };

/** Before the stream of an owner, among names that are to be looked for: no name has a space. */
const OWNER = 'owner ';

/**
 * Which names inside an entity its events have used up, as far as somebody asked: a state cannot remember each hold or
 * reservation for ever, and its rules must not take an old name for a new one.
 */
export class UsedNames {
  /** Owners are looked for together with names. */
  readonly owners: EndedOwners;
  /** `unknown`: it was looked for, and too much would have to be read to be sure. */
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

  /** Names that a command claims, and owners, that nobody has looked for yet. */
  missing(command: Command, state: JsonObject): readonly string[] {
    const names = this.claims(command, state).filter((name) => !this.known.has(name));
    return [...names, ...this.owners.missing(command, state).map((owner) => `${OWNER}${owner}`)];
  }

  /** Those of a command's claims that were used, by an event that was looked at or just now. */
  usedBy(command: Command, state: JsonObject, justNow: ReadonlySet<string>): readonly string[] {
    return this.claims(command, state).filter((name) => this.known.get(name) === true || justNow.has(name));
  }

  /** Whether it cannot be known now that all names which a command claims are new. */
  isDoubtful(command: Command, state: JsonObject, justNow: ReadonlySet<string>): boolean {
    return this.claims(command, state).some(
      (name) => this.known.get(name) === 'unknown' && !justNow.has(name),
    );
  }

  /** Learns of an event after those that were looked at. */
  see(event: DomainEvent): void {
    for (const name of this.decider.names?.(event) ?? []) {
      if (this.known.has(name)) this.known.set(name, true);
    }
  }

  /** Looks for all that was missing, for names among the events up to a revision. */
  async look(missing: readonly string[], upTo: number): Promise<void> {
    const names = missing.filter((one) => !one.startsWith(OWNER));
    const owners = missing.filter((one) => one.startsWith(OWNER)).map((one) => one.slice(OWNER.length));
    await Promise.all([names.length > 0 && this.lookForNames(names, upTo), this.owners.look(owners)]);
  }

  /** As far as there is an index in it, and beyond that in the stream. */
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
