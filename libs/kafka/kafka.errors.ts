import { UnavailableError } from '#libs/core/problems.js';
import type { Refusal } from './kafka.js';

/**
 * Kafka did not respond, or is temporarily unable to. The operation may or may not have taken
 * effect.
 */
export class KafkaUnavailableError extends UnavailableError {
  override readonly name = 'KafkaUnavailableError';
  constructor(message: string, options?: ErrorOptions) {
    super('kafka', { message, ...options });
  }
}

/**
 * The broker will never accept these topics, or anything for them. `refused` has the reason by
 * name. All others are as requested.
 */
export class TopicsRefusedError extends UnavailableError {
  override readonly name = 'TopicsRefusedError';

  constructor(readonly refused: ReadonlyMap<string, Refusal>) {
    const message = [...refused].map(([topic, reason]) => `${topic}: ${reason}`).join(', ');
    super('kafka', { message });
  }
}

/**
 * Existing topics can neither be used as they are nor corrected. The message is one line for an
 * operator and says what to do.
 */
export class UnfitTopicsError extends Error {
  override readonly name = 'UnfitTopicsError';

  constructor(lines: readonly string[]) {
    super(`${lines.join('; ')}: correct this as described under "Topics" in docs/operations.md`);
  }
}

/** Another producer took over the transactional id: this one was fenced and must stop. */
export class ProducerFencedError extends Error {
  override readonly name = 'ProducerFencedError';
}

/** A record that is not one of our events. `reason` says what is wrong with it. */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';
}

/** A relay was requested that this process cannot be. */
export class UnknownRelayError extends Error {
  override readonly name = 'UnknownRelayError';
}

/** The batch transport was used in a way it does not support. */
export class BatchTransportError extends Error {
  override readonly name = 'BatchTransportError';
}
