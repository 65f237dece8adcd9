import { cachedFolder } from './cached-folder.js';
import { useClasses } from './java-classes.js';
import { findJava } from './java.js';
import { findKafkaDraft } from './kafka-draft.js';
import { isKafkaReady } from './kafka-health.js';
import { formatLog, type KafkaJava, launchArgs } from './kafka-launch.js';
import { fetchMavenJars, type MavenJars } from './maven-jars.js';
import type { Step } from './progress.js';
import type { StackSettings } from './stack-settings.js';
import type { LaunchPlan, StackServer } from './stack-server.js';

const version = '4.1.1';
const jars: MavenJars = {
  // The version of slf4j's API that Kafka includes.
  libraries: [`org.apache.kafka:kafka_2.13:${version}`, 'org.slf4j:slf4j-simple:1.7.36'],
  sha256: 'cc103740486a3dac6e1ea7592ee7d3ae8307b7b5ad7f45e8003104a16f2548c2',
};

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
  const folder = await cachedFolder(cache, `kafka-${version}`, (draft) => {
    step.update('downloading it through Maven (once, 43 MB)');
    return fetchMavenJars(draft, jars, signal);
  });
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
