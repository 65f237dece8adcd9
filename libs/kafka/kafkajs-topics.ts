import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Refusal, TopicSpec } from './kafka.js';
import { refusalOf, refusedTopics } from './kafkajs-errors.js';

const NEW_TOPIC_TRIES = 200;
const NEW_TOPIC_PAUSE_MILLISECONDS = 50;

/** Makes missing topics and waits until `use` works with each. Answers with those that can never be had, and why. */
export async function makeTopics(
  admin: Admin,
  topics: readonly TopicSpec[],
  use: (name: string) => Promise<unknown>,
): Promise<ReadonlyMap<string, Refusal>> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ name }) => !existing.has(name));
  const refused = missing.length === 0 ? new Map<string, Refusal>() : await create(admin, missing);
  for (const { name } of missing) {
    if (refused.has(name)) continue;
    const reason = await untilItLeads(() => use(name));
    if (reason !== undefined) refused.set(name, reason);
  }
  return refused;
}

async function create(admin: Admin, topics: readonly TopicSpec[]): Promise<Map<string, Refusal>> {
  try {
    await admin.createTopics({
      // Its wait ends with an error when a broker has not heard of the topic yet; ours does not.
      waitForLeaders: false,
      topics: topics.map(({ name, partitions, settings }) => ({
        topic: name,
        numPartitions: partitions,
        // The broker's own default: 1 on a single node, more on a cluster.
        replicationFactor: -1,
        configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
      })),
    });
    return new Map();
  } catch (error) {
    return refusedTopics(error);
  }
}

/** Leaders are named before they lead. */
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
