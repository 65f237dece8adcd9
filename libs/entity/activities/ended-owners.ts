import type { AnyDecider, Command } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { hasEndedBy } from '#libs/core/saga/saga.messages.js';

const SIDE_BY_SIDE = 20;

/** Which of the sagas that own something in an entity have ended, as far as somebody asked. Their streams tell. */
export class EndedOwners {
  private readonly known = new Map<string, boolean>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly store: EventStore,
  ) {}

  /** Whether a decision may depend on these: a later attempt may find another answer. */
  get wereAsked(): boolean {
    return this.known.size > 0;
  }

  /** Owners of what a command is about that nobody has looked for yet. */
  missing(command: Command, state: JsonObject): readonly string[] {
    return this.ownersOf(command, state).filter((stream) => !this.known.has(stream));
  }

  endedOf(command: Command, state: JsonObject): readonly string[] {
    return this.ownersOf(command, state).filter((stream) => this.known.get(stream) === true);
  }

  async look(streams: readonly string[]): Promise<void> {
    await eachOf([...new Set(streams)], SIDE_BY_SIDE, async (stream) => {
      this.known.set(stream, await this.hasEnded(stream));
    });
  }

  private async hasEnded(stream: string): Promise<boolean> {
    for await (const { type } of this.store.read(stream, { direction: 'backwards' })) {
      const hasEnded = hasEndedBy(type);
      if (hasEnded !== undefined) return hasEnded;
    }
    return false;
  }

  private ownersOf(command: Command, state: JsonObject): readonly string[] {
    return this.decider.owners?.(command, state) ?? [];
  }
}
