import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems, RETRY_AFTER_SECONDS, UnavailableError } from '#libs/core/problems.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';

const BUSY_RETRY_SECONDS = 1;

/** The live state of an entity, folded up to an event's revision. */
export interface LiveState {
  readonly revision: number;
  /**
   * The hash of the stream up to the revision. Entities that still run earlier code don't know it.
   */
  readonly hash?: string;
  readonly state: JsonObject;
}

/** What is known of a command: it is pending (durable, not decided yet), or it has an outcome. */
export type Receipt =
  | { readonly status: 'pending'; readonly commandId: string; readonly sentAt?: Timestamp }
  | (Outcome & {
      /** Whether the outcome is that of an earlier send of the same command. */
      readonly replayed?: boolean;
    });

/**
 * The door for commands, for REST, Kafka, effects and programs alike. The envelopes of one call go
 * to one entity (`stream` is its name, `account-default.alice`) in one message: all or none arrive,
 * and they are decided in this order. The same envelopes may be sent again: each is decided once.
 *
 * Both methods throw `EngineUnavailableError` if a server does not answer, and `EntityBusyError`.
 */
export interface CommandDoor {
  /** Resolves once the commands are durable; they will be decided. */
  send(stream: string, envelopes: readonly CommandEnvelope[]): Promise<void>;
  /**
   * Sends the commands, waits for their outcomes and resolves to one receipt per command. Commands
   * that take longer than `waitMilliseconds`, or longer than until `closing` is aborted, are
   * durable and have `pending` receipts. Throws `OutcomeUnknownError`.
   */
  execute(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    waitMilliseconds: number,
    closing?: AbortSignal,
  ): Promise<readonly Receipt[]>;
}

/**
 * All access to the entities. Throws `EngineUnavailableError` if a server does not answer. A class,
 * so that Nest can inject it.
 */
export abstract class EntityGateway implements CommandDoor {
  abstract send(...of: Parameters<CommandDoor['send']>): ReturnType<CommandDoor['send']>;
  abstract execute(...of: Parameters<CommandDoor['execute']>): ReturnType<CommandDoor['execute']>;
  /** Starts a run of the entity if there is none. */
  abstract wake(stream: string): Promise<void>;
  /** The live state, or undefined if the entity has no events. */
  abstract state(stream: string): Promise<LiveState | undefined>;
  /** The receipt of a command, or undefined if the entity never received it. */
  abstract receipt(stream: string, commandId: string): Promise<Receipt | undefined>;
  /** Events of the stream in order; none if there is no such stream. */
  abstract events(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]>;
}

/**
 * A server that the call needs does not answer. It is unknown whether a command arrived: it may be
 * sent again.
 */
export class EngineUnavailableError extends UnavailableError {
  override readonly name = 'EngineUnavailableError';
}

/**
 * The entity or this process holds as much as it may. The command is certain not to be carried out:
 * repeat it later.
 */
export class EntityBusyError extends ProblemError {
  override readonly name = 'EntityBusyError';
  constructor(detail: string) {
    super(problems.entityBusy, detail, { retryAfterSeconds: BUSY_RETRY_SECONDS });
  }
}

/**
 * Commands left this process, and it is not known whether they arrived: they may still be carried
 * out. Or they arrived, and the entity cannot know now whether it carried them out before. Sending
 * them again under the same ids is safe; receipts show their outcomes.
 */
export class OutcomeUnknownError extends ProblemError {
  override readonly name = 'OutcomeUnknownError';
  constructor(
    readonly commandIds: readonly string[],
    options?: ErrorOptions,
  ) {
    const detail = 'the command was sent; it is not known whether it was or will be carried out';
    const members = { commandId: commandIds[0] };
    super(problems.outcomeUnknown, detail, { retryAfterSeconds: RETRY_AFTER_SECONDS, members }, options);
  }
}

/**
 * The receipt of a single command. Throws `OutcomeUnknownError` if the entity cannot know now
 * whether it carried the command out before.
 */
export function onlyReceipt([receipt]: readonly Receipt[]): Receipt {
  if (!receipt) throw new TypeError('no command was executed');
  if (receipt.status === 'rejected' && isOutcomeUnknown(receipt)) {
    throw new OutcomeUnknownError([receipt.commandId]);
  }
  return receipt;
}
