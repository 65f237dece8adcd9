import { UnavailableError } from '#libs/core/problems.js';
import type { Refusal } from './kafka.js';

/** Kafka did not answer, or answered that it cannot now. What was under way may or may not have happened. */
export class KafkaUnavailableError extends UnavailableError {
  override readonly name = 'KafkaUnavailableError';
  constructor(message: string, options?: ErrorOptions) {
    super('kafka', { message, ...options });
  }
}

/** The broker will never take these topics, or nothing for them. `refused` says why, by name; all others are as they should be. */
export class TopicsRefusedError extends UnavailableError {
  override readonly name = 'TopicsRefusedError';

  constructor(readonly refused: ReadonlyMap<string, Refusal>) {
    const message = [...refused].map(([topic, reason]) => `${topic}: ${reason}`).join(', ');
    super('kafka', { message });
  }
}

/** Topics exist that cannot be used as they are, nor corrected. The message is one line for a person, with what to do. */
export class UnfitTopicsError extends Error {
  override readonly name = 'UnfitTopicsError';

  constructor(lines: readonly string[]) {
    super(`${lines.join('; ')}: correct it as docs/operations.md says under "Topics"`);
  }
}

/** Another producer took over the transactional id: this one is a zombie and must stop. */
export class ProducerFencedError extends Error {
  override readonly name = 'ProducerFencedError';
}

/** A record that is no event of ours. `reason` says what is wrong with it. */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';
}

/** A relay was asked for a category that this process does not know. */
export class UnknownCategoryError extends Error {
  override readonly name = 'UnknownCategoryError';
}

/** The batch transport was used in a way it does not support. */
export class BatchTransportError extends Error {
  override readonly name = 'BatchTransportError';
}
