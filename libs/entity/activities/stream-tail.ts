import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { CommandIndex } from './command-index.js';
import type { Plan } from './decide-batch.js';
import { foldOnwards } from './fold-stream.js';
import type { Lookup } from './lookup.js';
import { AskedEffects } from './pending-effects.js';
import { searchCommands } from './search-commands.js';
import { SettledCommands } from './settled-commands.js';
import type { UsedNames } from './used-names.js';

const NOTHING = { events: [], effects: [], withdrawn: [] } as const;

/**
 * The events of a stream after the fold that an entity came with, and the commands that they
 * settle.
 */
export class StreamTail {
  /** All events after the first fold, in order. */
  private readonly events: DomainEvent[] = [];
  /** Their effects. */
  private readonly asked: AskedEffects;
  readonly settled = new SettledCommands();
  /** The commands settled by the tail itself. The entity does not know of them. */
  private readonly found = new SettledCommands();

  constructor(
    private readonly decider: AnyDecider,
    private readonly store: EventStore,
    private readonly stream: string,
    public fold: Fold,
    private readonly usedNames: UsedNames,
  ) {
    this.asked = new AskedEffects(decider, stream);
  }

  /** Folds the events that the stream has by now. False if there were none. */
  async advance(): Promise<boolean> {
    const { revision } = this.fold;
    this.fold = await foldOnwards(this.decider, this.store, this.stream, this.fold, (event, { state }) => {
      this.settled.see(event);
      this.found.see(event);
      this.usedNames.see(event);
      this.asked.see(event, state);
      this.events.push({ type: event.type, data: event.data });
    });
    return this.fold.revision > revision;
  }

  /** Whether the stream holds anything after a revision. */
  async goesBeyond(revision: number): Promise<boolean> {
    for await (const event of this.store.read(this.stream, { from: revision + 1, limit: 1 })) {
      return event.revision > revision;
    }
    return false;
  }

  /**
   * Looks up whether the stream settled these commands, or others with their keys. Returns the
   * revision from which on it is known.
   */
  async search(
    batch: readonly CommandEnvelope[],
    index: CommandIndex | undefined,
    lookup: Lookup,
  ): Promise<number> {
    const { revision } = this.fold;
    const ids = batch.flatMap(({ commandId, keyId = commandId }) => [commandId, keyId]);
    const from = await searchCommands(lookup, index, this.stream, ids, this.settled, revision);
    await this.advance();
    return from;
  }

  /** What the entity has to know about the tail and the events written after it. */
  report(written: Pick<Plan, 'events' | 'effects' | 'withdrawn'> = NOTHING) {
    const { effects, withdrawn } = this.asked;
    return {
      events: [...this.events, ...written.events.map(({ type, data }) => ({ type, data }))],
      effects: [...effects.filter(({ key }) => !written.withdrawn.includes(key)), ...written.effects],
      withdrawn: [...withdrawn, ...written.withdrawn],
      found: this.found.toRing().entries,
    };
  }
}
