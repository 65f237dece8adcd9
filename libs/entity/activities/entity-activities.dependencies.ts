import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { AtStep } from '#libs/core/step.js';
import type { PassivationPolicy } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { CommandIndex } from './command-index.js';
import type { NameIndex } from './name-index.js';
import type { OutcomeMemory } from './outcome-memory.js';
import type { Call, CommandSender } from './run-effect.js';

/** What the activities of an entity work with. */
export interface EntityActivityDependencies {
  readonly decider: AnyDecider;
  /** Of the contract; without them, nobody checks the data of commands here. */
  readonly commands?: EntityContract['commands'];
  readonly store: EventStore;
  readonly logger: Logger;
  /** Spares the reading of whole streams for commands of old; without one they are read. */
  readonly commandIndex?: CommandIndex;
  /** Spares the reading of whole streams for names that states have forgotten; without one they are read. */
  readonly nameIndex?: NameIndex;
  /** Remembers what streams do not tell; without one, only the ring of the entity does. */
  readonly outcomeMemory?: OutcomeMemory;
  /** When entities leave snapshots behind, and end their workflows; absent: never. */
  readonly rest?: PassivationPolicy;
  /** Takes the commands that effects send; may be absent where no event has effects. */
  readonly sender?: CommandSender;
  /** What effects may call, by name. */
  readonly calls?: Readonly<Record<string, Call>>;
  /** How far the time of a command may be ahead of the clock of its entity; 10 s when absent. */
  readonly clockToleranceMilliseconds?: number;
  /** Of commands `received`, `decided` and `appended`, and of entities `continued`. */
  readonly atStep?: AtStep;
}
