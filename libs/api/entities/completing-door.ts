import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { CommandDoor, EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { eachOf } from '#libs/runtime/each-of.js';

/** How many commands of one message are completed at a time. */
const CONCURRENT = 8;

/** What the data of a command are completed with. */
export interface CompletionContext {
  /** The entity that the command is for. */
  readonly stream: string;
  /** The tenant of that entity, and so of the command's sender. */
  readonly tenant: string;
  /** When the command was received. */
  readonly at: Timestamp;
  readonly gateway: Pick<EntityGateway, 'ask' | 'receipt' | 'events'>;
}

/** Completes the data of a command. It may read, but changes nothing. */
export type Complete = (data: JsonObject, context: CompletionContext) => Promise<JsonObject>;

/** The commands of an entity whose data are completed, by type. */
export type Completions = Readonly<Record<string, Complete>>;

/** Completes the commands of a message to an entity. */
type CompleteAll = (
  stream: string,
  envelopes: readonly CommandEnvelope[],
) => Promise<readonly CommandEnvelope[]>;

/**
 * Completes commands as they are before they are sent. Throws `EngineUnavailableError` if what is
 * needed cannot be read.
 */
export function completing(
  gateway: CompletionContext['gateway'],
  byCategory: Readonly<Record<string, Completions | undefined>>,
): CompleteAll {
  return async (stream, envelopes) => {
    const { category = '', tenant = '' } = parseStreamName(stream) ?? {};
    const { [category]: completions = {} } = byCategory;
    const done = [...envelopes];
    await eachOf([...envelopes.entries()], CONCURRENT, async ([index, envelope]) => {
      const { type, data, sentAt: at } = envelope;
      const { [type]: complete } = completions;
      if (complete)
        done[index] = { ...envelope, data: await complete(data, { stream, tenant, at, gateway }) };
    });
    return done;
  };
}

/**
 * Completes commands before they are sent to their entities, for those of REST and of Kafka. Their
 * ids were made of what the sender sent: a retry is the same command, whatever it is completed with
 * this time, and gets the first outcome. Throws `EngineUnavailableError` before anything is sent if
 * what is needed cannot be read.
 */
export function completingDoor(
  gateway: CommandDoor & CompletionContext['gateway'],
  byCategory: Readonly<Record<string, Completions | undefined>>,
): CommandDoor {
  const completed = completing(gateway, byCategory);
  return {
    send: async (stream, envelopes) => gateway.send(stream, await completed(stream, envelopes)),
    execute: async (stream, envelopes, ...rest) =>
      gateway.execute(stream, await completed(stream, envelopes), ...rest),
  };
}
