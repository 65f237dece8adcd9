import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cached-folder.js';
import { MissingPrerequisiteError } from './dev-stack.errors.js';
import { downloadArchive } from './download-archive.js';
import { useClasses } from './java-classes.js';
import { findJava } from './java.js';
import { findKafkaDraft } from './kafka-draft.js';
import { isKafkaReady } from './kafka-health.js';
import { formatLog, type KafkaJava, launchArgs } from './kafka-launch.js';
import { fetchMavenJars } from './maven-jars.js';
import type { Step } from './progress.js';
import type { StackSettings } from './stack-settings.js';
import type { LaunchPlan, StackServer } from './stack-server.js';

const version = '4.1.1';
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

/** Java and Kafka. Kafka is downloaded if it is missing. */
export async function findKafka(cache: string, step: Step, signal: AbortSignal): Promise<KafkaJava> {
  const java = await findJava('Kafka', signal);
  const folder = await cachedFolder(cache, `kafka-${version}`, (draft) => fetchKafka(draft, step, signal));
  return { java, folder };
}

async function prepare(settings: StackSettings, step: Step, signal: AbortSignal): Promise<LaunchPlan> {
  const { cache } = settings;
  const kafka = await findKafka(cache, step, signal);
  const draft = findKafkaDraft(kafka, cache);
  return {
    file: kafka.java,
    args: [...(draft ? [useClasses(draft.classes)] : []), ...launchArgs(kafka, settings)],
    layOut: (stopped) => formatLog(kafka, settings, stopped, draft?.log),
  };
}

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
