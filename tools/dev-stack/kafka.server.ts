import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cached-folder.js';
import { MissingPrerequisiteError } from './dev-stack.errors.js';
import { downloadArchive } from './download-archive.js';
import { findJava } from './java.js';
import { isKafkaReady } from './kafka-health.js';
import { kafkaProperties } from './kafka-properties.js';
import { fetchMavenJars } from './maven-jars.js';
import type { Step } from './progress.js';
import { runCommand } from './run-command.js';
import type { StackSettings } from './stack-settings.js';
import type { LaunchPlan, StackServer } from './stack-server.js';

const version = '4.1.1';
/** Any 22 characters of base64, since a single node has no other cluster to be confused with. */
const clusterId = 'perdure-local-cluster1';

/** Apache Kafka as a single node that is broker and controller, on Java 17. */
export function kafkaServer(settings: StackSettings): StackServer {
  const { ports } = settings;
  const address = `127.0.0.1:${ports.KAFKA_PORT}`;
  return {
    name: 'kafka',
    title: 'Kafka',
    address,
    ports: [
      { port: ports.KAFKA_PORT, variable: 'KAFKA_PORT' },
      { port: ports.KAFKA_CONTROLLER_PORT, variable: 'KAFKA_CONTROLLER_PORT' },
    ],
    needs: [],
    mayBeFound: true,
    isHealthy: () => isKafkaReady(address),
    prepare: (step, signal) => prepare(settings, step, signal),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
    readyTimeoutMs: 90_000,
  };
}

/**
 * Java, and the arguments that put all of Kafka on its class path. Kafka is downloaded if it is
 * missing.
 */
export async function kafkaJava(
  cache: string,
  step: Step,
  signal: AbortSignal,
): Promise<{ readonly java: string; readonly classpath: readonly string[] }> {
  const java = await findJava('Kafka', signal);
  const folder = await cachedFolder(cache, `kafka-${version}`, (draft) => fetchKafka(draft, step, signal));
  return { java, classpath: ['-cp', join(folder, 'libs', '*')] };
}

async function prepare(settings: StackSettings, step: Step, signal: AbortSignal): Promise<LaunchPlan> {
  const { java, classpath } = await kafkaJava(settings.cache, step, signal);
  const data = join(settings.home, 'kafka');
  const properties = join(data, 'server.properties');
  const layOut = async (stopped: AbortSignal): Promise<boolean> => {
    await mkdir(data, { recursive: true });
    await writeFile(properties, kafkaProperties(settings));
    if (existsSync(join(data, 'log', 'meta.properties'))) return false;
    const format = ['format', '--cluster-id', clusterId, '--config', properties, '--ignore-formatted'];
    await runCommand(java, ['-XX:TieredStopAtLevel=1', ...classpath, 'kafka.tools.StorageTool', ...format], {
      signal: stopped,
    });
    return true;
  };
  return { file: java, args: [...javaOptions, ...classpath, 'kafka.Kafka', properties], layOut };
}

const javaOptions = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss',
];

async function fetchKafka(folder: string, step: Step, signal: AbortSignal): Promise<void> {
  try {
    step.update('downloading it through Maven (once, 43 MB)');
    const logging = 'org.slf4j:slf4j-simple:1.7.36'; // the API version that Kafka includes
    await fetchMavenJars(folder, [`org.apache.kafka:kafka_2.13:${version}`, logging], signal);
  } catch (error) {
    signal.throwIfAborted();
    await rm(join(folder, 'libs'), { recursive: true, force: true });
    await download(folder, step, signal, error);
  }
}

async function download(
  folder: string,
  step: Step,
  signal: AbortSignal,
  mavenFailure: unknown,
): Promise<void> {
  const url = `https://archive.apache.org/dist/kafka/${version}/kafka_2.13-${version}.tgz`;
  try {
    step.update('downloading it');
    await downloadArchive(url, folder, {
      signal,
      stripComponents: 1,
      onProgress: (text) => step.update(text),
    });
  } catch (error) {
    signal.throwIfAborted();
    const why = [mavenFailure, error]
      .map((one) => (one instanceof Error ? one.message : String(one)))
      .join('; ');
    throw new MissingPrerequisiteError(
      `Kafka cannot be downloaded (${why})`,
      'install Maven, or set KAFKA_BROKERS to a running Kafka',
    );
  }
}
