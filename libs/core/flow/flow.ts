import type { CommandTo, EntityKind, Transport } from '../entity.js';
import type { Json, JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { Duration } from './duration.js';
import type {
  CallbackAddress,
  CallbackOptions,
  CallOptions,
  EachOptions,
  ReceiveOptions,
  SpawnOptions,
} from './flow-options.js';
import type { SpreadOptions, SpreadResult, SpreadSource } from './spread/spread.js';

/** What a flow type takes, receives, reports and returns. */
export interface FlowTypes {
  readonly input: object;
  /** The data of each message, by its name. */
  readonly messages: object;
  readonly progress: unknown;
  readonly result: object;
}

/** The commands of a flow type, as their senders write them. */
export type FlowCommandOf<T extends FlowTypes> =
  | { readonly type: 'Start'; readonly data: T['input'] }
  | { readonly type: 'Cancel'; readonly data: { readonly reason: string } }
  | { readonly type: 'Restart'; readonly data: Readonly<Record<string, never>> }
  | {
      [Name in keyof T['messages'] & string]: { readonly type: Name; readonly data: T['messages'][Name] };
    }[keyof T['messages'] & string];

/**
 * A kind of flow: its category and, in its type, what it takes and returns. A kind of flow is also
 * a kind of entity.
 */
export interface FlowKind<T extends FlowTypes> extends EntityKind<FlowCommandOf<T>> {
  /** Never set; it only carries the types. */
  readonly types?: T;
}

/** Defines a kind of flow by its category. */
export function flowKind<T extends FlowTypes>(category: string): FlowKind<T> {
  return { category };
}

/** What can be sent to one flow. */
export interface FlowDoor<T extends FlowTypes, Sent> {
  start(input: T['input']): Sent;
  send<Name extends keyof T['messages'] & string>(name: Name, data: T['messages'][Name]): Sent;
  cancel(reason: string): Sent;
}

/**
 * Builds the function that starts flows and sends them messages over a transport:
 * `flow(CardPayment, 'p-1').start({ … })`. It has the same transports as {@link entityOver}.
 */
export function flowOver<Sent>(transport: Transport<Sent>) {
  return <T extends FlowTypes>({ category }: FlowKind<T>, id: string): FlowDoor<T, Sent> => {
    const send = (type: string, data: object) =>
      transport({ category, id }, { type, data: data as JsonObject });
    return {
      start: (input) => send('Start', input),
      send: (name, data) => send(name, data as object),
      cancel: (reason) => send('Cancel', { reason }),
    };
  };
}

/** The outcome of a command that a flow has sent. */
export type Sent =
  | { readonly status: 'accepted'; readonly revision: number }
  | { readonly status: 'rejected'; readonly code: string; readonly detail: string };

/**
 * How a call is tried. All attempts carry the same idempotency key. Without `maximumAttempts` and
 * `patience`, it is tried until it succeeds or is refused.
 */
export interface CallPolicy<Data extends object = object, Result extends object = object> {
  /** The pause after the first attempt (default 200 ms), */
  readonly initialInterval?: Duration;
  /** the factor by which it grows (default 2), */
  readonly backoffCoefficient?: number;
  /** and its limit (default 10 s). */
  readonly maximumInterval?: Duration;
  readonly maximumAttempts?: number;
  /** The longest time for one attempt (default 15 s), */
  readonly attemptTimeout?: Duration;
  /** and for all of them with their pauses. */
  readonly patience?: Duration;
  /** Codes of errors after which it is not tried again, in addition to refusals. */
  readonly nonRetryable?: readonly string[];
  /** Never set; it only carries the types. */
  readonly types?: { readonly data: Data; readonly result: Result };
}

/** The calls of a flow, by name. */
export type CallPolicies = Readonly<Record<string, CallPolicy>>;

/** Declares a call of a flow: how it is tried, what it takes, and what it returns. */
export function callPolicy<Data extends object, Result extends object>(
  policy: CallPolicy<Data, Result> = {},
): CallPolicy<Data, Result> {
  return policy;
}

type TypesOf<Policy> =
  Policy extends CallPolicy<infer Data, infer Result> ? { data: Data; result: Result } : never;

/** A message that a flow has received. */
export interface Message<Data = JsonObject> {
  /** Its number in the flow, from 1. */
  readonly n: number;
  readonly name: string;
  readonly data: Data;
  readonly at: Timestamp;
}

/** A flow that another has started. */
export interface Child<T extends FlowTypes> {
  readonly id: string;
  /**
   * Waits for its end. Throws `ChildFailed` if it ends without a result. A branch passes its own
   * `f`, so that its wait ends when the branch is cancelled. The end of the child is not lost then.
   */
  result(f?: Pick<Flow<FlowTypes>, 'id' | 'startedAt'>): Promise<T['result']>;
  send<Name extends keyof T['messages'] & string>(name: Name, data: T['messages'][Name]): Promise<Sent>;
  cancel(reason: string): Promise<Sent>;
}

/** A function that a flow runs, with its own `f`. */
export type Branch<T extends FlowTypes, C extends CallPolicies, Value> = (f: Flow<T, C>) => Promise<Value>;
type Branches<T extends FlowTypes, C extends CallPolicies, Values extends object> = {
  readonly [Name in keyof Values]: Branch<T, C, Values[Name]>;
};

/** The first branch that settled. */
type Winner<Values extends object> = {
  [Name in keyof Values]: { readonly winner: Name; readonly value: Values[Name] };
}[keyof Values];

/**
 * What the function of a flow can do. Everything it does outside has a *place*: the flow, the
 * branch, and the name of the step, with a number if the name occurs again. The place is the
 * idempotency key, so it must be the same whenever the function runs again. Methods throw
 * `Cancelled` once the flow or their branch is cancelled.
 */
export interface Flow<T extends FlowTypes, C extends CallPolicies = CallPolicies> {
  /** The flow's own id. */
  readonly id: string;
  readonly startedAt: Timestamp;
  /** What the previous round handed over (see {@link continueWith}). */
  readonly state: Json | undefined;
  /**
   * Calls something outside, and retries by the policy of the call. Throws `CallRefused` if it was
   * refused, and `CallUnresolved` if the attempts or the time allowed are exhausted.
   */
  call<Name extends keyof C & string>(
    name: Name,
    data: TypesOf<C[Name]>['data'],
    options?: CallOptions,
  ): Promise<TypesOf<C[Name]>['result']>;
  /** Another entity. `send` is retried until the command is accepted or rejected. */
  entity<Command extends { readonly type: string; readonly data: unknown }>(
    kind: EntityKind<Command>,
    id: string,
  ): {
    send(command: CommandTo<Command>): Promise<Sent>;
    /** Its state, or undefined if it has no events. */
    ask(): Promise<JsonObject | undefined>;
  };
  /** Another flow, whose end this one does not wait for. */
  flow<Other extends FlowTypes>(kind: FlowKind<Other>, id: string): FlowDoor<Other, Promise<Sent>>;
  /** Starts a child, which reports its end to this flow. */
  spawn<Other extends FlowTypes>(
    kind: FlowKind<Other>,
    id: string,
    input: Other['input'],
    options?: SpawnOptions,
  ): Promise<Child<Other>>;
  sleep(time: Duration, name?: string): Promise<void>;
  until(at: Timestamp, name?: string): Promise<void>;
  /**
   * The earliest message of this name that was not taken yet; waits for one if there is none.
   * Undefined after the timeout. A message that arrived before the timeout is never missed.
   */
  receive<Name extends keyof T['messages'] & string>(name: Name): Promise<Message<T['messages'][Name]>>;
  receive<Name extends keyof T['messages'] & string>(
    name: Name,
    options: ReceiveOptions,
  ): Promise<Message<T['messages'][Name]> | undefined>;
  /**
   * Hands out an address at which a process outside reports its progress and its end. It is open
   * until the timeout, or until the flow or this branch ends.
   */
  callback(name: string, options: CallbackOptions): CallbackAddress;
  /** Runs branches together. If one throws, the others are cancelled. */
  all<Values extends object>(branches: Branches<T, C, Values>, name?: string): Promise<Values>;
  /** Runs branches together until the first settles. The others are cancelled. */
  race<Values extends object>(branches: Branches<T, C, Values>, name?: string): Promise<Winner<Values>>;
  /** Runs a branch for each of at most 2,000 items. If one throws, the others are cancelled. */
  each<Item, Value>(
    items: readonly Item[],
    options: EachOptions<Item>,
    branch: (item: Item, f: Flow<T, C>) => Promise<Value>,
    name?: string,
  ): Promise<readonly Value[]>;
  /**
   * Handles any number of items in leaves: activities of a process that has declared them. Each
   * item is counted once, as done, rejected, failed or left. Messages of `spreadMessages` steer it.
   */
  spread<Data extends object, Value extends Json>(
    source: SpreadSource,
    options: SpreadOptions<Data, Value>,
  ): Promise<SpreadResult<Value>>;
  /**
   * Registers how to undo the step that follows. If the flow fails or is cancelled, compensations
   * run in reverse order, whatever else is cancelled. Each must be safe to repeat, and to run for a
   * step that had no effect.
   */
  compensate(name: string, undo: Branch<T, C, unknown>): void;
  /** Drops the compensations registered so far: what was done stays. */
  commit(): void;
  /** Runs a branch that cancelling the flow does not reach. */
  shield<Value>(branch: Branch<T, C, Value>, name?: string): Promise<Value>;
  /** Reports how far the flow is. At most one event in five seconds records the latest value. */
  progress(value: T['progress']): void;
  /** True, unless an earlier version of the code has gone past this line. Kept for the round. */
  version(name: string): boolean;
  /**
   * Ends this round: the function starts again with `state`, and messages that were not taken stay.
   * For flows without an end. Throws unless all branches, children that are cancelled with the flow
   * and compensations are done with.
   */
  continueWith(state: Json): never;
  /** The time of the latest message, answer or timer that the flow knows of. */
  now(): Timestamp;
  /** A UUID made from the flow and this place: the same whenever the function runs again. */
  uuid(): string;
  /** A number from 0 to 1, made in the same way. */
  random(): number;
}

/** The function of a flow. */
export type FlowFunction<T extends FlowTypes, C extends CallPolicies> = (
  input: T['input'],
  f: Flow<T, C>,
) => Promise<T['result']>;
