import type { Admin, ConfigEntries, IResourceConfig } from 'kafkajs';
import type { Logger } from '#libs/runtime/logger.js';
import type { TopicSpec } from './kafka.js';
import { refusalOf } from './kafkajs-errors.js';

/** Never lowered: somebody wants to keep more than we do, and lowering them deletes data. */
const LIMITS: ReadonlySet<string> = new Set(['retention.ms', 'retention.bytes', 'max.message.bytes']);
const UNLIMITED = -1;
/**
 * Kafka's numbers. kafkajs has names for them, but Node does not find these in its CommonJS module.
 */
const TOPIC: IResourceConfig['type'] = 2;
const SET_ON_TOPIC: ConfigEntries['configSource'] = 1;

/**
 * Compares existing topics with their specifications and corrects their settings. Returns a line
 * for each unusable topic: its partitions differ, or its settings differ and the broker refuses to
 * change them.
 */
export async function correctTopics(
  admin: Admin,
  topics: readonly TopicSpec[],
  logger: Logger,
): Promise<readonly string[]> {
  if (topics.length === 0) return [];
  const metadata = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
  const counts = new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]));
  const unfit: string[] = [];
  for (const topic of topics) {
    const problem = partitionProblem(topic, counts.get(topic.name)) ?? (await correct(admin, topic, logger));
    if (problem !== undefined) unfit.push(problem);
  }
  return unfit;
}

function partitionProblem({ name, partitions }: TopicSpec, found: number | undefined): string | undefined {
  if (found === undefined || found === partitions) return undefined;
  return `${name} has ${found} partition${found === 1 ? '' : 's'} instead of ${partitions}, and changing that would break the order of its keys`;
}

async function correct(admin: Admin, topic: TopicSpec, logger: Logger): Promise<string | undefined> {
  const found = await describe(admin, topic.name, logger);
  if (found === undefined) return undefined;
  const effective = new Map(found.map(({ configName, configValue }) => [configName, configValue]));
  const wrong = Object.entries(topic.settings).filter(
    ([name, value]) => !isEnough(name, effective.get(name), value),
  );
  if (wrong.length === 0) return undefined;
  const before = Object.fromEntries(wrong.map(([name]) => [name, effective.get(name)]));
  const after = Object.fromEntries(wrong);
  // The request replaces all settings of the topic itself.
  const own = found.filter(({ configSource }) => configSource === SET_ON_TOPIC);
  const kept = Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
  const configEntries = Object.entries({ ...kept, ...after }).map(([name, value]) => ({ name, value }));
  const resource = { type: TOPIC, name: topic.name, configEntries };
  try {
    await admin.alterConfigs({ validateOnly: false, resources: [resource] });
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === undefined) throw error;
    const needed = wrong.map(([name, value]) => `${name}=${value}`).join(', ');
    return `${topic.name} needs ${needed}, and the broker refuses to set it (${reason})`;
  }
  logger.warn({ topic: topic.name, before, after }, 'corrected the settings of a topic');
  return undefined;
}

async function describe(admin: Admin, name: string, logger: Logger) {
  try {
    const resources = [{ type: TOPIC, name }];
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    return described.resources[0]?.configEntries;
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    logger.warn({ topic: name, err: error }, 'the settings of a topic cannot be read and were not checked');
    return undefined;
  }
}

function isEnough(name: string, found: string | undefined, wanted: string): boolean {
  if (found === wanted) return true;
  if (found === undefined || !LIMITS.has(name)) return false;
  const [has, needs] = [Number(found), Number(wanted)];
  return has === UNLIMITED || (needs !== UNLIMITED && has > needs);
}
