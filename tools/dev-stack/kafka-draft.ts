import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cached-folder.js';
import { archiveClasses, madeWith } from './java-classes.js';
import { isKafkaReady } from './kafka-health.js';
import { formatLog, type KafkaJava, launchArgs, logOf } from './kafka-launch.js';
import { freePorts } from './port.js';

/** What brokers would otherwise work out at each start. */
export interface KafkaDraft {
  /** A formatted log without records. */
  readonly log: string;
  /** The archive of Kafka's classes. */
  readonly classes: string;
}

/** Runs a broker once to make its {@link KafkaDraft}. */
export async function makeKafkaDraft(kafka: KafkaJava, cache: string, signal: AbortSignal): Promise<void> {
  await cachedFolder(cache, nameOf(kafka), async (folder) => {
    const { log, classes } = draftIn(folder);
    const home = join(folder, 'home');
    const [KAFKA_PORT = 0, KAFKA_CONTROLLER_PORT = 0] = await freePorts(2);
    const settings = { home, ports: { KAFKA_PORT, KAFKA_CONTROLLER_PORT } };
    await formatLog(kafka, settings, signal);
    await cp(logOf(settings), log, { recursive: true });
    const isReady = () => isKafkaReady(`127.0.0.1:${KAFKA_PORT}`);
    const server = { title: 'Kafka', java: kafka.java, args: launchArgs(kafka, settings), isReady };
    await archiveClasses(classes, server, signal);
    await rm(home, { recursive: true });
  });
}

/** The draft for this Java, if it was made. */
export function findKafkaDraft(kafka: KafkaJava, cache: string): KafkaDraft | undefined {
  const folder = join(cache, nameOf(kafka));
  return existsSync(folder) ? draftIn(folder) : undefined;
}

function nameOf({ java, folder }: KafkaJava): string {
  return `kafka-draft-${madeWith(java, folder)}`;
}

function draftIn(folder: string): KafkaDraft {
  return { log: join(folder, 'log'), classes: join(folder, 'classes.jsa') };
}
