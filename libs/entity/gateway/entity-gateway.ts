import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems, RETRY_AFTER_SECONDS, UnavailableError } from '#libs/core/problems.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';

const BUSY_RETRY_SECONDS = 1;

/** The live state of an entity: its fold, and the revision of the last event in it. */
export interface LiveState {
  readonly revision: number;
  /** Of the stream up to the revision; not known of entities that earlier code is still running. */
  readonly hash?: string;
  readonly state: JsonObject;
}

/** Where a command stands: on its way (durable, not decided yet), or decided. */
export type Receipt =
  | { readonly status: 'pending'; readonly commandId: string; readonly sentAt?: Timestamp }
  | (Outcome & {
      /** True when the outcome is that of an earlier send of the same command. */
      readonly replayed?: boolean;
    });

/**
 * The one door to the entities, for REST, tests and sagas alike. A class, so that Nest can inject it.
 *
 * All methods throw `EngineUnavailableError` when a server they need does not answer; `send` and `execute` throw `EntityBusyError` too,
 * and `execute` throws `OutcomeUnknownError`. `stream` is the entity's one name, `account-default.alice`.
 */
export abstract class EntityGateway {
  /** Hands the command over for good. When this resolves the command is durable and will be decided. */
  abstract send(stream: string, envelope: CommandEnvelope): Promise<void>;
  /**
   * Hands the command over and waits up to `waitMilliseconds` for its outcome; a `pending` receipt when it took longer
   * (the command is durable then too), or when `closing` is aborted first.
   */
  abstract execute(
    stream: string,
    envelope: CommandEnvelope,
    waitMilliseconds: number,
    closing?: AbortSignal,
  ): Promise<Receipt>;
  /** Makes sure that a run of the entity is there, without telling it anything. */
  abstract wake(stream: string): Promise<void>;
  /** The live state, or undefined when nothing ever happened to the entity. */
  abstract state(stream: string): Promise<LiveState | undefined>;
  /** The receipt of a command, or undefined when the entity never saw it. */
  abstract receipt(stream: string, commandId: string): Promise<Receipt | undefined>;
  /** Events of the stream in order; none when there is no such stream. */
  abstract events(stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]>;
}

/** A server that the call needs does not answer. It is unknown whether a command arrived: it may be sent again. */
export class EngineUnavailableError extends UnavailableError {
  override readonly name = 'EngineUnavailableError';
}

/** The entity or this process holds as much as it may. The command is certain not to be carried out: repeat it later. */
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
