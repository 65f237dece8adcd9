import type { JsonObject } from './json.js';

interface AnyCommand {
  readonly type: string;
  readonly data: unknown;
}

/**
 * A kind of entity: its category and, in its type, its commands. Rules import this instead of the
 * contract, which would add zod to every workflow bundle.
 */
export interface EntityKind<C extends AnyCommand> {
  readonly category: string;
  /** Never set; it only carries the type of the commands. */
  readonly commands?: C;
}

/** A command as its sender writes it. The transport adds the time and the ids. */
export type CommandTo<C extends AnyCommand> = C extends AnyCommand
  ? { readonly type: C['type']; readonly data: C['data'] }
  : never;

/**
 * Sends a command to its entity. `Sent` depends on the transport: a receipt, or an action still to
 * be done.
 */
export type Transport<Sent> = (
  to: { readonly category: string; readonly id: string },
  command: { readonly type: string; readonly data: JsonObject },
) => Sent;

/** Defines a kind of entity by its category. */
export function entityKind<C extends AnyCommand>(category: string): EntityKind<C> {
  return { category };
}

/**
 * Builds the function that sends commands over a transport: `entity(Account, 'alice').send({ type:
 * 'Deposit', data: { amount: 1 } })`. A saga sends an effect, a program uses the gateway, a client
 * uses REST.
 */
export function entityOver<Sent>(transport: Transport<Sent>) {
  return <C extends AnyCommand>({ category }: EntityKind<C>, id: string) => ({
    send: ({ type, data }: CommandTo<C>): Sent =>
      transport({ category, id }, { type, data: data as JsonObject }),
  });
}
