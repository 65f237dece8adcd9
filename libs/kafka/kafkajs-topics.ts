import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Logger } from '#libs/runtime/logger.js';
import type { Refusal, TopicSpec } from './kafka.js';
import { refusalOf, refusedTopics } from './kafkajs-errors.js';
import { correctTopics } from './kafkajs-topic-settings.js';

const NEW_TOPIC_TRIES = 200;
const NEW_TOPIC_PAUSE_MILLISECONDS = 50;

/**
 * Topics that can never be created, with the reason, and a line for each existing topic that is
 * unusable.
 */
interface TopicsMade {
  readonly refused: ReadonlyMap<string, Refusal>;
  readonly unfit: readonly string[];
}

/**
 * Creates missing topics and waits until `use` works with each. Corrects the settings of existing
 * ones.
 */
export async function makeTopics(
  admin: Admin,
  topics: readonly TopicSpec[],
  use: (name: string) => Promise<unknown>,
  logger: Logger,
): Promise<TopicsMade> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ name }) => !existing.has(name));
  const refused = missing.length === 0 ? new Map<string, Refusal>() : await create(admin, missing);
  for (const { name } of missing) {
    if (refused.has(name)) continue;
    const reason = await untilItLeads(() => use(name));
    if (reason !== undefined) refused.set(name, reason);
  }
  const checked = topics.filter(({ name, isTakenAsFound }) => existing.has(name) && isTakenAsFound !== true);
  return { refused, unfit: await correctTopics(admin, checked, logger) };
}

async function create(admin: Admin, topics: readonly TopicSpec[]): Promise<Map<string, Refusal>> {
  try {
    await admin.createTopics({
      // kafkajs's wait fails if a broker has not heard of the topic yet. Ours retries.
      waitForLeaders: false,
      topics: topics.map(({ name, partitions, settings }) => ({
        topic: name,
        numPartitions: partitions,
        // The broker's default: 1 on a single node, more on a cluster.
        replicationFactor: -1,
        configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
      })),
    });
    return new Map();
  } catch (error) {
    return refusedTopics(error);
  }
}

/** Leaders are elected before they are ready. */
async function untilItLeads(use: () => Promise<unknown>): Promise<Refusal | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      await use();
      return undefined;
    } catch (error) {
      const reason = refusalOf(error);
      if (reason !== undefined) return reason;
      if (tries === NEW_TOPIC_TRIES) throw error;
    }
    await sleep(NEW_TOPIC_PAUSE_MILLISECONDS);
  }
}
