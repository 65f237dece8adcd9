import type { AnyDecider, Command, DomainEvent } from '#libs/decider/decider.js';
import type { JsonObject } from '#libs/decider/json.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { answerSoon } from './answer-soon.js';
import { EndedOwners } from './ended-owners.js';
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
  private readonly known = new Map<string, boolean>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly store: EventStore,
    private readonly index: NameIndex | undefined,
    private readonly stream: string,
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
    const { index, store, stream, decider } = this;
    const { revision, used } = (index && (await answerSoon(index.find(stream, names)))) ?? NOTHING;
    const found = new Set(used);
    const limit = upTo - revision;
    if (limit > 0) {
      for await (const { type, data } of store.read(stream, { from: revision + 1, limit })) {
        for (const name of decider.names?.({ type, data }) ?? []) found.add(name);
      }
    }
    for (const name of names) this.known.set(name, found.has(name));
  }

  private claims(command: Command, state: JsonObject): readonly string[] {
    return this.decider.claims?.(command, state) ?? [];
  }
}
