import type { OutgoingMessage, RawRecord, Refusal, RefusedMessage, TopicMessages } from './kafka.js';
import { refusalOf } from './kafkajs-errors.js';
import { sizeOf } from './message-size.js';

type Request<Message> = readonly TopicMessages<Message>[];

/**
 * Writes as much of each request as the broker accepts. The broker refuses a request as a whole,
 * without naming the part at fault. So the request is split until the refused messages are found.
 */
export class Delivery<Message extends OutgoingMessage | RawRecord> {
  /** Messages that were not and never will be written. */
  readonly refused: RefusedMessage<Message>[] = [];
  /** By topic, the size of the smallest message that was too large. */
  private readonly tooLarge = new Map<string, number>();

  constructor(private readonly send: (request: Request<Message>) => Promise<void>) {}

  /** Throws what `send` throws, except for refusals. */
  async write(request: Request<Message>): Promise<void> {
    const fitting = this.tooLarge.size === 0 ? request : this.refuseTooLarge(request);
    if (fitting.length === 0) return;
    try {
      await this.send(fitting);
    } catch (error) {
      const reason = refusalOf(error);
      if (reason === undefined) throw error;
      const parts = partsOf(fitting, reason);
      if (parts.length === 0) this.refuse(fitting, reason);
      for (const part of parts) await this.write(part);
    }
  }

  private refuse(request: Request<Message>, reason: Refusal): void {
    for (const { topic, messages } of request) {
      this.refused.push(...messages.map((message) => ({ topic, message, reason })));
      if (reason === 'record-too-large') this.tooLarge.set(topic, Math.min(...messages.map(sizeOf)));
    }
  }

  /** Avoids asking for each message of a topic that accepts next to nothing. */
  private refuseTooLarge(request: Request<Message>): Request<Message> {
    return request.flatMap(({ topic, messages }) => {
      const limit = this.tooLarge.get(topic) ?? Infinity;
      const fitting = messages.filter((message) => sizeOf(message) < limit);
      const others = messages.filter((message) => sizeOf(message) >= limit);
      this.refused.push(
        ...others.map((message) => ({ topic, message, reason: 'record-too-large' as const })),
      );
      return fitting.length === 0 ? [] : [{ topic, messages: fitting }];
    });
  }
}

/**
 * Halves of a request that may have different outcomes, or none if all of it is refused for the
 * same reason.
 */
function partsOf<Message>(request: Request<Message>, reason: Refusal): readonly Request<Message>[] {
  if (request.length > 1) return halves(request);
  const [{ topic, messages }] = request as [TopicMessages<Message>];
  const isOfTopic = reason !== 'record-too-large' && reason !== 'record-invalid';
  if (isOfTopic || messages.length === 1) return [];
  return halves(messages).map((half) => [{ topic, messages: half }]);
}

function halves<T>(all: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(all.length / 2);
  return [all.slice(0, middle), all.slice(middle)];
}
