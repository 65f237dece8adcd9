import type { z } from 'zod';

/** A command as the world sees it: body schema, and whether it has a route and a topic at all. */
export interface CommandContract<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly summary: string;
  /** `internal` commands (an expiry, a saga's step) have no route and no topic. */
  readonly visibility: 'public' | 'internal';
  /** The command that brings the entity into being: also routed at the collection, where the id is made for it. */
  readonly creates?: true;
}

/** An event as it is stored and published. `version` rises with its shape; older shapes are upcast when read. */
export interface EventContract<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly summary: string;
  readonly version: number;
}

/** What a rejection code means to a client. */
export interface RejectionContract {
  /** The HTTP status a waiting client is answered with. */
  readonly status: 400 | 404 | 409 | 410 | 412 | 422;
  readonly title: string;
}

/**
 * Everything the world may know of an entity. Types, HTTP validation, OpenAPI, topics and the test kit come from it.
 * Names of commands are imperative, of events past tense; a stored name never changes.
 */
export interface EntityContract {
  /** Category: stream prefix, task queue, topic part. No dash, no dot. */
  readonly name: string;
  /** Collection in URLs, `accounts`. */
  readonly plural: string;
  readonly summary: string;
  readonly commands: Readonly<Record<string, CommandContract>>;
  readonly events: Readonly<Record<string, EventContract>>;
  /** The live state as `GET /v1/accounts/{id}` shows it, without `id` and `revision`, which every entity has. */
  readonly view: z.ZodObject;
  /** Every code that a rule of this entity may reject with. */
  readonly rejections: Readonly<Record<string, RejectionContract>>;
}

/** Keeps the literal types of a contract while checking its shape. */
export function defineContract<const C extends EntityContract>(contract: C): C {
  return contract;
}

/** What JSON can say: an optional field is absent or has a value, it is never there and undefined. */
type Exact<T> = T extends object ? { readonly [K in keyof T]: Exclude<T[K], undefined> } : T;

/** The union of all commands of a contract, as `decide` takes them. */
export type CommandsOf<C extends EntityContract> = {
  [Name in keyof C['commands'] & string]: {
    readonly type: Name;
    readonly data: Exact<z.output<C['commands'][Name]['schema']>>;
    readonly at: string;
    readonly entityId?: string;
    readonly sender?: string;
    readonly usedNames?: readonly string[];
    readonly endedOwners?: readonly string[];
  };
}[keyof C['commands'] & string];

/** The union of all events of a contract, as `decide` returns and `evolve` takes them. */
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

/** The topic that carries an entity's events. */
export function eventsTopic(category: string): string {
  return `perdure.${category}.events.v1`;
}

/** The topic on which an entity's public commands are taken. */
export function commandsTopic(category: string): string {
  return `perdure.${category}.commands.v1`;
}

/** Where records of that topic go that are no commands. */
export function deadLetterTopic(category: string): string {
  return `${commandsTopic(category)}.dlq`;
}

/** The compacted topic that carries the latest state of each entity. */
export function stateTopic(category: string): string {
  return `perdure.${category}.state.v1`;
}
