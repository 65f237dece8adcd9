import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { AtStep } from '#libs/core/step.js';
import type { PassivationPolicy } from '#libs/entity/protocol/activity-messages.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { CommandIndex } from './command-index.js';
import type { NameIndex } from './name-index.js';
import type { OutcomeMemory } from './outcome-memory.js';
import type { CallDependencies } from './call-outside.js';
import type { EffectTries } from './effect-tries.js';
import type { CommandSender } from './run-effect.js';

/** What the activities of an entity use. */
export interface EntityActivityDependencies extends CallDependencies {
  readonly decider: AnyDecider;
  /** The commands of the contract. If absent, the data of commands are not checked here. */
  readonly commands?: EntityContract['commands'];
  readonly store: EventStore;
  readonly logger: Logger;
  /** Finds old commands without reading whole streams. If absent, the streams are read. */
  readonly commandIndex?: CommandIndex;
  /**
   * Finds names that states have forgotten without reading whole streams. If absent, the streams
   * are read.
   */
  readonly nameIndex?: NameIndex;
  /** Remembers outcomes that are not in streams. If absent, only the ring of the entity does. */
  readonly outcomeMemory?: OutcomeMemory;
  /** When entities write snapshots and are passivated. If absent, never. */
  readonly rest?: PassivationPolicy;
  /** Sends the commands of effects. May be absent if no event has effects. */
  readonly sender?: CommandSender;
  /** Limits the first attempts at effects. Entities of one worker share it. */
  readonly tries?: EffectTries;
  /** How far the time of a command may be ahead of the entity's clock. If absent, 10 s. */
  readonly clockToleranceMilliseconds?: number;
  /** Called for the steps `received`, `decided`, `appended` and `continued`. */
  readonly atStep?: AtStep;
}
