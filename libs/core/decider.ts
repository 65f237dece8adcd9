import type { Effect } from './effect.js';
import type { FlowHostFacts } from './flow/flow.messages.js';
import type { JsonObject } from './json.js';
import type { Party } from './party.js';
import type { Rejection } from './rejection.js';
import type { Timestamp } from './timestamp.js';
import type { Upcasts } from './upcast.js';

/** A command as the rules see it: `at` is the only time they know. */
export interface Command<Type extends string = string, Data = JsonObject> {
  readonly type: Type;
  readonly data: Data;
  readonly at: Timestamp;
  /** The command's own id. A sender that is answered later knows the answer by it. */
  readonly id?: string;
  /** The recipient's own id, without tenant and category. */
  readonly entityId?: string;
  /** The stream of the entity whose effect this is; absent for any outside sender. */
  readonly sender?: string;
  /** Who sends it (see `Acting`); absent where rules are tried without a sender. */
  readonly actor?: string;
  /** For whom an entity sends it. */
  readonly onBehalfOf?: string;
  /** The sender may do this only to what it owns. */
  readonly onlyFor?: string;
  /** The roles of that sender. */
  readonly roles?: readonly string[];
  /** The claimed names that were already used (see {@link Decider.claims}). */
  readonly usedNames?: readonly string[];
  /** The owning sagas that have ended (see {@link Decider.owners}). */
  readonly endedOwners?: readonly string[];
  /** What the runtime of a flow knows of its function; absent for other entities. */
  readonly host?: FlowHostFacts;
}

/** Something that happened: a past-tense name and plain JSON. */
export interface DomainEvent<Type extends string = string, Data = JsonObject> {
  readonly type: Type;
  readonly data: Data;
}

/**
 * A command that an entity sends itself at a given time. `subject` names what is due, for example
 * the id of a hold. The command's id is derived from the stream, the subject and the time, so an
 * expiry is one command, whatever triggers it.
 */
export interface Deadline {
  readonly at: Timestamp;
  readonly subject: string;
  readonly command: { readonly type: string; readonly data: JsonObject };
}

/** How events become a state: all that the workflow of an entity needs of its decider. */
export interface Folding<State, E extends DomainEvent> {
  /** The category: first part of stream names, Kafka topics and task queues. No dash and no dot. */
  readonly name: string;
  /**
   * Raise it when the shape of the state changes, or what `evolve` makes of old events: entities
   * then refold their stream.
   */
  readonly stateVersion: number;
  readonly initialState: State;
  evolve(state: State, event: E): State;
}

/**
 * An entity as pure functions and a start value (Chassaing, "Functional Event Sourcing Decider").
 *
 * `decide` returns at least one event or a rejection and never throws for bad input. `evolve`
 * returns the state unchanged for an event it does not know. `deadline` is the earliest time the
 * state is waiting for. `react` returns the effects of an event, given the state after it. State is
 * plain JSON.
 */
export interface Decider<State, C extends Command, E extends DomainEvent> extends Folding<State, E> {
  /**
   * How stored events of older versions become current ones. `evolve` and `react` see current
   * versions only.
   */
  readonly upcasts?: Upcasts;
  decide(command: C, state: State): readonly E[] | Rejection;
  deadline?(state: State): Deadline | undefined;
  /**
   * When an entity without a `deadline` will do something next, as a flow does after a sleep. Its
   * own workflow keeps the time. This is for those who notice that the workflow is gone.
   */
  awaits?(state: State): Timestamp | undefined;
  /** Whether the entity always needs a workflow in this state, as an open flow does. */
  mustRun?(state: State): boolean;
  /**
   * Whether the entity has ended: no command will change it. Its workflow then completes as soon as
   * nothing is pending, instead of after the idle time. A later command is still answered.
   */
  isEnded?(state: State): boolean;
  /**
   * The caller that the entity belongs to. A command that is only for its owner finds no entity if
   * this is another one or undefined. If absent, nobody owns any.
   */
  owner?(state: State): string | undefined;
  /**
   * Whether the entity belongs to a caller, if it can belong to several, or to those with a role.
   * `owner` is not used then.
   */
  belongsTo?(state: State, party: Party): boolean;
  /**
   * Commands that can make the state larger. Once the state has reached its limit, only these are
   * rejected for adding to it, so that anything begun can still end. If absent, any command may be.
   */
  readonly growing?: readonly C['type'][];
  react?(event: E, state: State, entityId: string): readonly Effect[];
  /**
   * Keys of earlier effects that are no longer needed, given the state after this event. They are
   * not retried any more. An attempt under way may still succeed, and its reply is then delivered.
   */
  withdraws?(event: E, state: State): readonly string[];
  /**
   * Names inside the entity that an event uses up for good, such as the id of a hold or a
   * reservation.
   */
  names?(event: E): readonly string[];
  /**
   * Names in a command of which the state can no longer tell whether they were used. `decide`
   * receives the used ones in `usedNames`. A name that the state still knows need not be claimed.
   */
  claims?(command: C, state: State): readonly string[];
  /**
   * Streams of the sagas that own what a command is about, if it matters whether they have ended:
   * only then may others end what they own. `decide` receives those that have ended in
   * `endedOwners`.
   */
  owners?(command: C, state: State): readonly string[];
}

/** A decider of any entity, for generic code. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- generic over all entities
export type AnyDecider = Decider<any, any, any>;

/** The folding of any entity, for generic code. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- generic over all entities
export type AnyFolding = Folding<any, any>;
