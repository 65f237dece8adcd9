import type { z } from 'zod';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { EventBody } from '#libs/api/entities/event-body.js';
import type { EntityLinks } from '#libs/api/entities/command-reply.js';
import type { Accepted } from '#libs/core/outcome.js';
import type { Receipt as GatewayReceipt } from '#libs/entity/gateway/entity-gateway.js';
import type { CommandStages, StageName } from '#libs/entity/memory/command-stages.js';

export type { CommandStages, StageName };

/** The commands of a contract that have a route. */
export type CommandName<C extends EntityContract> = {
  [Name in keyof C['commands'] & string]: 'public' extends C['commands'][Name]['visibility'] ? Name : never;
}[keyof C['commands'] & string];

/** The data of a command, as a client sends them. */
export type CommandData<C extends EntityContract, Name extends CommandName<C>> = z.input<
  C['commands'][Name]['schema']
>;

/** The live state of an entity, with the event it is current to. */
export type StateOf<C extends EntityContract> = z.output<C['view']> & {
  readonly id: string;
  readonly revision: number;
  readonly hash?: string;
};

/** An event of an entity, as pages and feeds deliver it. */
export type EventOf<C extends EntityContract> = {
  [Name in keyof C['events'] & string]: Omit<EventBody, 'type' | 'data'> & {
    readonly type: Name;
    readonly data: z.output<C['events'][Name]['schema']>;
  };
}[keyof C['events'] & string];

/** An event of a feed, with the id from which the feed resumes. */
export interface FeedItem<Event> {
  readonly feedId: string;
  readonly event: Event;
}

/** How a command is sent. */
export interface SendOptions {
  /**
   * The `Idempotency-Key`, under which the command is also retried. Without one, each call is a
   * command of its own.
   */
  readonly key?: string;
  /** Applies the command only at this revision. */
  readonly ifRevision?: number;
  readonly correlationId?: string;
  /** Stops waiting and retrying. The command may have been sent. */
  readonly signal?: AbortSignal;
}

/** The same for a command whose outcome is waited for. */
export interface ExecuteOptions extends SendOptions {
  /** How long to wait for the outcome. Default: 30 s. */
  readonly seconds?: number;
}

/** A command that is durable. Its receipt tells what became of it. */
export interface Sent {
  readonly id: string;
  readonly commandId: string;
  readonly status: 'pending';
  readonly links: EntityLinks;
}

/** The outcome of an accepted command. */
export interface Executed extends Accepted {
  readonly id: string;
  readonly links: EntityLinks;
  /** Whether it is the outcome of an earlier send of the same command. */
  readonly isReplayed: boolean;
  /** Lets a list show it: see `tokens` of {@link ListOptions}. */
  readonly token: string;
}

/** What is known of a command, and how far it is. */
export type Receipt = Omit<GatewayReceipt, 'replayed'> & {
  readonly id: string;
  readonly stages: CommandStages;
  readonly links: EntityLinks;
  readonly revision?: number;
  readonly events?: readonly string[];
  readonly code?: string;
  readonly detail?: string;
};

/** How long to wait for a receipt, and for what. */
export interface ReceiptOptions {
  /** Default: `decided`. */
  readonly until?: StageName;
  /** After this, the receipt is returned as it stands. Default: 0. */
  readonly seconds?: number;
  readonly signal?: AbortSignal;
}

/** Query parameters. Those that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Which part of a list is read, and how fresh it has to be. */
export interface ListOptions {
  /** Filters of the list, and `limit` and `cursor`. */
  readonly query?: Query;
  /** What it should show: the list waits up to 2 s for these `Consistency-Token`s. */
  readonly tokens?: readonly string[];
  readonly signal?: AbortSignal;
}

/** A page of a list. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor?: string;
  /** The revisions that it shows of those that were asked for. */
  readonly token?: string;
  /** How many of those revisions are missing. */
  readonly staleBy: number;
}

/** How a feed is followed. */
export interface FeedOptions {
  /** An id of this feed; `start` (the default); or `end` for new events only. */
  readonly after?: string;
  /** Ends the feed. */
  readonly signal?: AbortSignal;
  /** Called when the feed is connected, and when it is interrupted and will be resumed. */
  readonly onConnection?: (isConnected: boolean) => void;
}
