import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kafkaProperties } from './kafka-properties.js';
import { runCommand } from './run-command.js';
import type { StackSettings } from './stack-settings.js';

/** Any 22 characters of base64, since a single node has no other cluster to be confused with. */
const clusterId = 'perdure-local-cluster1';

const javaOptions = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss',
];

/** A Java, and Kafka's folder. */
export interface KafkaJava {
  readonly java: string;
  readonly folder: string;
}

/** The settings that Kafka depends on. */
export interface KafkaSettings extends Pick<StackSettings, 'home'> {
  readonly ports: Pick<StackSettings['ports'], 'KAFKA_PORT' | 'KAFKA_CONTROLLER_PORT'>;
}

/** The arguments that put all of Kafka on the class path. */
export function classpathOf({ folder }: KafkaJava): readonly string[] {
  return ['-cp', join(folder, 'libs', '*')];
}

/** The arguments that make Java run the broker. */
export function launchArgs(kafka: KafkaJava, settings: KafkaSettings): readonly string[] {
  return [...javaOptions, ...classpathOf(kafka), 'kafka.Kafka', propertiesOf(settings)];
}

/** Makes a log without records, or copies the given one. Resolves to whether there was none yet. */
export async function formatLog(
  kafka: KafkaJava,
  settings: KafkaSettings,
  signal: AbortSignal,
  emptyLog?: string,
): Promise<boolean> {
  await mkdir(join(settings.home, 'kafka'), { recursive: true });
  await writeFile(propertiesOf(settings), kafkaProperties(settings));
  const log = logOf(settings);
  if (existsSync(join(log, 'meta.properties'))) return false;
  if (emptyLog !== undefined) {
    await cp(emptyLog, log, { recursive: true });
    return true;
  }
  const format = ['format', '--cluster-id', clusterId, '--config', propertiesOf(settings)];
  const tool = ['-XX:TieredStopAtLevel=1', ...classpathOf(kafka), 'kafka.tools.StorageTool'];
  await runCommand(kafka.java, [...tool, ...format, '--ignore-formatted'], { signal });
  return true;
}

/** The folder of the broker's log. */
export function logOf({ home }: KafkaSettings): string {
  return join(home, 'kafka', 'log');
}

function propertiesOf({ home }: KafkaSettings): string {
  return join(home, 'kafka', 'server.properties');
}
