import type { AnyDecider, Command, DomainEvent } from '#libs/decider/decider.js';
import type { JsonObject } from '#libs/decider/json.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { answerSoon } from './answer-soon.js';
import type { NameAnswer, NameIndex } from './name-index.js';

const NOTHING: NameAnswer = { revision: -1, used: [] };

/**
 * Which names inside an entity its events have used up, as far as somebody asked: a state cannot remember each hold or
 * reservation for ever, and its rules must not take an old name for a new one.
 */
export class UsedNames {
  private readonly known = new Map<string, boolean>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly store: EventStore,
    private readonly index: NameIndex | undefined,
    private readonly stream: string,
  ) {}

  /** Names that a command claims and of which nobody has looked yet whether they were used. */
  missing(command: Command, state: JsonObject): readonly string[] {
    return this.claims(command, state).filter((name) => !this.known.has(name));
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

  /** Looks for names among the events up to a revision: as far as there is an index in it, and beyond that in the stream. */
  async look(names: readonly string[], upTo: number): Promise<void> {
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
