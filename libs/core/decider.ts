import type { Effect } from './effect.js';
import type { JsonObject } from './json.js';
import type { Rejection } from './rejection.js';
import type { Timestamp } from './timestamp.js';
import type { Upcasts } from './upcast.js';

/** A command as the rules see it: `at` is the only time they know. */
export interface Command<Type extends string = string, Data = JsonObject> {
  readonly type: Type;
  readonly data: Data;
  readonly at: Timestamp;
  /** Whom it is for: the entity's own id, without tenant and category. */
  readonly entityId?: string;
  /** Stream of the entity that sends it because of an event of its own; absent for whoever is outside. */
  readonly sender?: string;
  /** Those of the names that it claims which were used before (see {@link Decider.claims}). */
  readonly usedNames?: readonly string[];
  /** Those of the sagas that its owners are which have ended (see {@link Decider.owners}). */
  readonly endedOwners?: readonly string[];
}

/** Something that happened: a past-tense name and plain JSON. */
export interface DomainEvent<Type extends string = string, Data = JsonObject> {
  readonly type: Type;
  readonly data: Data;
}

/**
 * What an entity will tell itself, and when. `subject` names what falls due (a hold's id): with the stream and the time
 * it makes the id of the command, so the same expiry is the same command whoever sends it.
 */
export interface Deadline {
  readonly at: Timestamp;
  readonly subject: string;
  readonly command: { readonly type: string; readonly data: JsonObject };
}

/**
 * An entity as pure functions and a start value (Chassaing, "Functional Event Sourcing Decider").
 *
 * `decide` returns at least one event or a rejection and never throws for bad input; `evolve` returns the state
 * unchanged for an event it does not know; `deadline` is the earliest moment the state waits for; `react` says what has to
 * be done outside because of an event, given the state after it. State is plain JSON.
 */
export interface Decider<State, C extends Command, E extends DomainEvent> {
  /** The category: first part of stream names, Kafka topics and task queues. No dash and no dot. */
  readonly name: string;
  /** Raised whenever the shape of the state or what `evolve` makes of old events changes: forces a refold. */
  readonly stateVersion: number;
  readonly initialState: State;
  /** How events that were stored in an older version become current ones; `evolve` and `react` see no others. */
  readonly upcasts?: Upcasts;
  decide(command: C, state: State): readonly E[] | Rejection;
  evolve(state: State, event: E): State;
  deadline?(state: State): Deadline | undefined;
  /**
   * Commands that make the state hold more than before: only these are refused once it is as large as it may be, so that what
   * has begun can always end. All of them, when absent.
   */
  readonly growing?: readonly C['type'][];
  react?(event: E, state: State, entityId: string): readonly Effect[];
  /**
   * Keys of effects that earlier events asked for and that need not be done any more, given the state after this event. Their
   * tries end. One that is under way may still succeed, and its reply then still comes.
   */
  withdraws?(event: E, state: State): readonly string[];
  /** Names inside the entity that an event uses up for ever: of a hold, of a reservation. */
  names?(event: E): readonly string[];
  /**
   * Names that a command is about and of which the state cannot tell any more whether they were used; `decide` is told in
   * `usedNames`. Whatever the state itself knows needs no claim.
   */
  claims?(command: C, state: State): readonly string[];
  /**
   * Streams of the sagas that own what a command is about, where it matters whether they have ended: only then may anybody
   * else end what they own. `decide` is told in `endedOwners`.
   */
  owners?(command: C, state: State): readonly string[];
}

/** A decider whose types no longer matter, as the generic loop handles it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the loop is generic over every entity's own unions
export type AnyDecider = Decider<any, any, any>;
