import type { AnyDecider, Command } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { hasEndedBy } from '#libs/core/saga/saga.messages.js';

const SIDE_BY_SIDE = 20;

/**
 * Which of the sagas that own something in an entity have ended. Their streams are read only when a
 * command needs it.
 */
export class EndedOwners {
  private readonly known = new Map<string, boolean>();

  constructor(
    private readonly decider: AnyDecider,
    private readonly store: EventStore,
  ) {}

  /** Whether any were looked up: a later attempt may then find another answer. */
  get wereAsked(): boolean {
    return this.known.size > 0;
  }

  /** The owners concerned by a command that have not been looked up yet. */
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
