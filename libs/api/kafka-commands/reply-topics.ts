import type { Kafka, Refusal } from '#libs/kafka/kafka.js';
import { TopicsRefusedError } from '#libs/kafka/kafka.errors.js';
import type { Logger } from '#libs/runtime/logger.js';
import { replyTopicSpec } from './command-topics.js';

/** How long a refused topic is neither requested nor logged again. */
const REMEMBER_MILLISECONDS = 600_000;
/** Bounds the memory for refusals, because senders may name any number of topics. */
const MAX_REMEMBERED = 1_000;

/** The topics that senders named for outcomes, and whether they can be used. */
export class ReplyTopics {
  private readonly known = new Set<string>();
  private readonly refused = new Map<string, { readonly reason: Refusal; readonly until: number }>();

  constructor(
    private readonly kafka: Kafka,
    private readonly logger: Logger,
  ) {}

  /**
   * Creates missing topics, except those that were refused recently. Throws if the broker may
   * accept a topic later.
   */
  async ensure(topics: readonly string[]): Promise<void> {
    const missing = topics.filter((topic) => !this.known.has(topic) && !this.refusalOf(topic));
    if (missing.length === 0) return;
    try {
      await this.kafka.ensureTopics(missing.map(replyTopicSpec));
    } catch (error) {
      if (!(error instanceof TopicsRefusedError)) throw error;
      for (const [topic, reason] of error.refused) this.refuse(topic, reason);
    }
    for (const topic of missing) if (!this.refusalOf(topic)) this.known.add(topic);
  }

  /** Why replies to this topic are currently dropped. Undefined if they are not. */
  refusalOf(topic: string): Refusal | undefined {
    const reason = this.remembered(topic);
    return reason?.startsWith('topic-') ? reason : undefined;
  }

  /**
   * Logs once that replies to this topic are lost. If the topic itself is refused, it is skipped
   * for a while.
   */
  refuse(topic: string, reason: Refusal): void {
    if (this.remembered(topic) === reason) return;
    if (this.refused.size >= MAX_REMEMBERED) this.refused.clear();
    this.refused.set(topic, { reason, until: Date.now() + REMEMBER_MILLISECONDS });
    this.known.delete(topic);
    this.logger.warn(
      { topic, reason },
      'replies are dropped: the topic named by their sender never accepts them',
    );
  }

  /** Forgets which topics exist, because any of them may have been deleted. */
  forget(): void {
    this.known.clear();
  }

  private remembered(topic: string): Refusal | undefined {
    const found = this.refused.get(topic);
    return found && found.until > Date.now() ? found.reason : undefined;
  }
}
