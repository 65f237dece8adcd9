import type { z } from 'zod';
import type { EntityAccess, Policy } from './access.js';

interface AnyCommandContract<Schema> {
  readonly schema: Schema;
  /** The data as the rules see them, if the API completes them (`EntityDefinition.complete`). */
  readonly completed?: z.ZodType;
  readonly summary: string;
}

/** A command that has a route and is accepted on the topic. */
export interface PublicCommandContract<
  Schema extends z.ZodType = z.ZodType,
> extends AnyCommandContract<Schema> {
  readonly visibility: 'public';
  /** Who may send it. */
  readonly allow: Policy;
  /** Fields of its data that only some of them may name, with who may. Roles only. */
  readonly allowFields?: Readonly<Record<string, Policy>>;
  /**
   * The command creates the entity. It is also routed at the collection, where the id is generated.
   */
  readonly creates?: true;
  /** It steers work under way, so it is recorded as an act of an operator. */
  readonly steers?: true;
}

/** A command of the entity itself, or of other entities: an expiry, a step of a saga. */
export interface InternalCommandContract<
  Schema extends z.ZodType = z.ZodType,
> extends AnyCommandContract<Schema> {
  readonly visibility: 'internal';
  readonly creates?: never;
}

/** The contract of a command: the schema of its body, and who may send it. */
export type CommandContract<Schema extends z.ZodType = z.ZodType> =
  PublicCommandContract<Schema> | InternalCommandContract<Schema>;

/**
 * The contract of an event as stored and published. `version` increases with each change of its
 * shape; older shapes are upcast on reading.
 */
export interface EventContract<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly summary: string;
  readonly version: number;
}

/** The meaning of a rejection code for clients. */
export interface RejectionContract {
  /** The HTTP status for a client that waits. */
  readonly status: 400 | 403 | 404 | 409 | 410 | 412 | 422 | 429;
  readonly title: string;
}

/**
 * The public contract of an entity. Types, HTTP validation, OpenAPI, topics and the test kit are
 * derived from it. Names of commands are imperative, of events past tense. A stored name never
 * changes.
 */
export interface EntityContract {
  /** Category: stream prefix, task queue, part of topic names. Without dash or dot. */
  readonly name: string;
  /** Collection in URLs, such as `accounts`. */
  readonly plural: string;
  readonly summary: string;
  readonly access: EntityAccess;
  readonly commands: Readonly<Record<string, CommandContract>>;
  readonly events: Readonly<Record<string, EventContract>>;
  /**
   * The live state as returned by `GET /v1/accounts/{id}`, without `id` and `revision`, which every
   * entity has.
   */
  readonly view: z.ZodObject;
  /** Every code with which a rule of this entity may reject. */
  readonly rejections: Readonly<Record<string, RejectionContract>>;
}

/** Keeps the literal types of a contract while checking its shape. */
export function defineContract<const C extends EntityContract>(contract: C): C {
  return contract;
}

/**
 * What JSON can represent: an optional field is absent or has a value, and is never present but
 * undefined.
 */
export type Exact<T> = T extends object ? { readonly [K in keyof T]: Exclude<T[K], undefined> } : T;

type DecidedSchema<C extends CommandContract> = C extends { readonly completed: infer S extends z.ZodType }
  ? S
  : C['schema'];

/** The schema of the data of a command, as its rules see them. */
export function decidedSchema({ schema, completed = schema }: CommandContract): z.ZodType {
  return completed;
}

/** The union of all commands of a contract, as `decide` receives them. */
export type CommandsOf<C extends EntityContract> = {
  [Name in keyof C['commands'] & string]: {
    readonly type: Name;
    readonly data: Exact<z.output<DecidedSchema<C['commands'][Name]>>>;
    readonly at: string;
    readonly id?: string;
    readonly entityId?: string;
    readonly sender?: string;
    readonly actor?: string;
    readonly onBehalfOf?: string;
    readonly roles?: readonly string[];
    readonly usedNames?: readonly string[];
    readonly endedOwners?: readonly string[];
  };
}[keyof C['commands'] & string];

/** The union of all events of a contract, as `decide` returns and `evolve` receives them. */
export type EventsOf<C extends EntityContract> = {
  [Name in keyof C['events'] & string]: {
    readonly type: Name;
    readonly data: Exact<z.output<C['events'][Name]['schema']>>;
  };
}[keyof C['events'] & string];

/** `PlaceHold` → `place-hold`: the last part of a command's route. */
export function routeOf(commandType: string): string {
  return commandType.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}

/** The topic for the events of a category. */
export function eventsTopic(category: string): string {
  return `perdure.${category}.events.v1`;
}

/** The topic that accepts the public commands of a category. */
export function commandsTopic(category: string): string {
  return `perdure.${category}.commands.v1`;
}

/** The topic for records of the command topic that are not commands. */
export function deadLetterTopic(category: string): string {
  return `${commandsTopic(category)}.dlq`;
}

/** The compacted topic with the latest state of each entity. */
export function stateTopic(category: string): string {
  return `perdure.${category}.state.v1`;
}
