import { join } from 'node:path';
import type { KafkaSettings } from './kafka-launch.js';

/** The configuration of the single node: as durable as one node can be, and small. */
export function kafkaProperties({ home, ports }: KafkaSettings): string {
  const broker = `127.0.0.1:${ports.KAFKA_PORT}`;
  const controller = `127.0.0.1:${ports.KAFKA_CONTROLLER_PORT}`;
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'BROKER',
    'listener.security.protocol.map': 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `BROKER://${broker},CONTROLLER://${controller}`,
    'advertised.listeners': `BROKER://${broker}`,
    'log.dirs': join(home, 'kafka', 'log'),
    // Topics are created with explicit partitions and settings, so a misspelt name must fail.
    'auto.create.topics.enable': false,
    // One node holds the only copy of everything.
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // A single consumer need not wait for others to join.
    'group.initial.rebalance.delay.ms': 0,
    // After a kill, the broker can register again only when its old session has expired: 9 s by
    // default.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // No other controller has to see from an empty record, twice a second, that this one is alive.
    'metadata.max.idle.interval.ms': 0,
    // The defaults are meant for clusters. Here they would only cost memory and start-up time.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 4,
    'log.index.size.max.bytes': 1_048_576,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
