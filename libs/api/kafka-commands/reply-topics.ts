import type { Kafka, Refusal } from '#libs/kafka/kafka.js';
import { TopicsRefusedError } from '#libs/kafka/kafka.errors.js';
import type { Logger } from '#libs/runtime/logger.js';
import { replyTopicSpec } from './command-topics.js';

/** Until then nothing more is said of a refusal, and a topic that was refused is not asked for again. */
const REMEMBER_MILLISECONDS = 600_000;
/** Senders may name any number of topics. */
const MAX_REMEMBERED = 1_000;

/** The topics that senders named for outcomes, whether they can be had or not. */
export class ReplyTopics {
  private readonly known = new Set<string>();
  private readonly refused = new Map<string, { readonly reason: Refusal; readonly until: number }>();

  constructor(
    private readonly kafka: Kafka,
    private readonly logger: Logger,
  ) {}

  /** Makes those that are missing and were not refused lately. Throws when the broker may take them later. */
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

  /** Why nothing is written to this topic for now, if so. */
  refusalOf(topic: string): Refusal | undefined {
    const reason = this.remembered(topic);
    return reason?.startsWith('topic-') ? reason : undefined;
  }

  /** Says once that replies on this topic are lost; when the reason is the topic, it is passed over for a while. */
  refuse(topic: string, reason: Refusal): void {
    if (this.remembered(topic) === reason) return;
    if (this.refused.size >= MAX_REMEMBERED) this.refused.clear();
    this.refused.set(topic, { reason, until: Date.now() + REMEMBER_MILLISECONDS });
    this.known.delete(topic);
    this.logger.warn(
      { topic, reason },
      'replies are dropped: the topic that their sender named never takes them',
    );
  }

  /** Any of them may have been deleted. */
  forget(): void {
    this.known.clear();
  }

  private remembered(topic: string): Refusal | undefined {
    const found = this.refused.get(topic);
    return found && found.until > Date.now() ? found.reason : undefined;
  }
}
