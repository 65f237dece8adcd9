import type { JsonObject } from './json.js';

interface AnyCommand {
  readonly type: string;
  readonly data: unknown;
}

/**
 * A kind of entity: its category and, in its type, the commands it takes. What rules may import of an entity by value:
 * contracts would take zod into every workflow.
 */
export interface EntityKind<C extends AnyCommand> {
  readonly category: string;
  /** Never there; it keeps the type of the commands. */
  readonly commands?: C;
}

/** A command of this kind of entity as its sender says it, without the time and the ids, which the transport adds. */
export type CommandTo<C extends AnyCommand> = C extends AnyCommand
  ? { readonly type: C['type']; readonly data: C['data'] }
  : never;

/** Takes a command to its entity; what `Sent` is, an outcome or a thing still to be done, is its own business. */
export type Transport<Sent> = (
  to: { readonly category: string; readonly id: string },
  command: { readonly type: string; readonly data: JsonObject },
) => Sent;

/** The commands of one kind of entity, by the name of the category. */
export function entityKind<C extends AnyCommand>(category: string): EntityKind<C> {
  return { category };
}

/**
 * The one way to tell an entity something: `entity(Account, 'alice').send({ type: 'Deposit', data: { amount: 1 } })`. From
 * a saga it is an effect, from a program it goes by the gateway, from a client by REST: that is the transport.
 */
export function entityOver<Sent>(transport: Transport<Sent>) {
  return <C extends AnyCommand>({ category }: EntityKind<C>, id: string) => ({
    send: ({ type, data }: CommandTo<C>): Sent =>
      transport({ category, id }, { type, data: data as JsonObject }),
  });
}
