import type { Acting } from '#libs/core/acting.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import { isOutcomeUnknown } from '#libs/core/outcome-unknown.js';
import type { Party } from '#libs/core/party.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems, RETRY_AFTER_SECONDS, UnavailableError } from '#libs/core/problems.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';

const BUSY_RETRY_SECONDS = 1;

/** The live state of an entity, up to and including an event's revision. */
export interface LiveState {
  readonly revision: number;
  /** The hash of the stream up to that revision. Absent if the entity still runs earlier code. */
  readonly hash?: string;
  readonly state: JsonObject;
}

/** The known status of a command: pending (durable, but not decided yet), or its outcome. */
export type Receipt =
  | ({
      readonly status: 'pending';
      readonly commandId: string;
      readonly sentAt?: Timestamp;
    } & Partial<Acting>)
  | (Outcome & {
      /** Whether this outcome belongs to an earlier send of the same command. */
      readonly replayed?: boolean;
    });

/**
 * Sends commands to entities, for REST, Kafka, effects and programs alike. The envelopes of one
 * call go in one message to one entity (`stream` is its name, such as `account-default.alice`):
 * either all arrive or none, and they are decided in this order. It is safe to send the same
 * envelopes again: each is decided once.
 *
 * Both methods throw `EngineUnavailableError` if a server does not answer, and `EntityBusyError` if
 * too much is waiting.
 */
export interface CommandDoor {
  /** Resolves once the commands are durable. They may not be decided yet. */
  send(stream: string, envelopes: readonly CommandEnvelope[]): Promise<void>;
  /**
   * Sends the commands, waits for their outcomes and resolves to one receipt per command. The wait
   * ends after `waitMilliseconds`, or earlier if `closing` is aborted. Commands that are not
   * decided by then are durable and have `pending` receipts. Throws `OutcomeUnknownError`.
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
  /**
   * The live state, or undefined if the entity has no events. With `onlyFor`, an entity that this
   * caller does not own is answered like one without events, and after as many reads.
   */
  abstract state(stream: string, onlyFor?: Party): Promise<LiveState | undefined>;
  /**
   * The state of an entity of any service, as that service keeps it; undefined if it has no events.
   * An entity of another service whose workflow has ended is woken for it.
   */
  abstract ask(stream: string): Promise<JsonObject | undefined>;
  /**
   * The receipt of a command, or undefined if the entity never received it. With `onlyFor`, a
   * command that this caller did not send, to an entity that it does not own, is answered like one
   * that was never received, and after as many reads.
   */
  abstract receipt(stream: string, commandId: string, onlyFor?: Party): Promise<Receipt | undefined>;
  /** Events of the stream in order. Empty if there is no such stream. */
  abstract events(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]>;
}

/**
 * A server that the call needs does not answer. A command may or may not have arrived; it is safe
 * to send it again.
 */
export class EngineUnavailableError extends UnavailableError {
  override readonly name = 'EngineUnavailableError';
}

/**
 * The entity or this process has too much waiting. The command was not accepted and will not be
 * executed; send it again later.
 */
export class EntityBusyError extends ProblemError {
  override readonly name = 'EntityBusyError';
  constructor(detail: string) {
    super(problems.entityBusy, detail, { retryAfterSeconds: BUSY_RETRY_SECONDS });
  }
}

/**
 * It is unknown whether commands are executed. Either they left this process and may or may not
 * have arrived, or they arrived, but the entity cannot currently tell whether it has executed them
 * before. It is safe to send them again under the same ids. Their receipts show the outcomes.
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
 * The receipt of a single command. Throws `OutcomeUnknownError` if the entity cannot currently tell
 * whether it has executed the command before.
 */
export function onlyReceipt([receipt]: readonly Receipt[]): Receipt {
  if (!receipt) throw new TypeError('no command was executed');
  if (receipt.status === 'rejected' && isOutcomeUnknown(receipt)) {
    throw new OutcomeUnknownError([receipt.commandId]);
  }
  return receipt;
}
