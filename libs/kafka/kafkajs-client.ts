import net, { isIP } from 'node:net';
import tls from 'node:tls';
import { type ISocketFactory, Kafka as KafkaJs, type KafkaConfig, type logCreator, logLevel } from 'kafkajs';
import type { Logger } from '#libs/runtime/logger.js';
import { mendConnections } from './kafkajs-connections.js';

/** How to reach the cluster. */
export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
}

const CONNECTION_TIMEOUT_MILLISECONDS = 3_000;
const REQUEST_TIMEOUT_MILLISECONDS = 10_000;
const KEEP_ALIVE_MILLISECONDS = 60_000;

/** A kafkajs client with few and quick retries: its callers restart with a pause of their own. */
export function createClient({ brokers, clientId, logger, ssl, sasl }: KafkaOptions): KafkaJs {
  // Without this it warns once per process that the default partitioner changed in 2.0.
  process.env['KAFKAJS_NO_PARTITIONER_WARNING'] ??= '1';
  const client = new KafkaJs({
    brokers: [...brokers],
    clientId,
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
    connectionTimeout: CONNECTION_TIMEOUT_MILLISECONDS,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    retry: { initialRetryTime: 30, multiplier: 2, maxRetryTime: 500, retries: 4, factor: 0.2 },
    socketFactory: connectSocket,
    logLevel: logLevel.WARN,
    logCreator: quietly(logger),
  });
  mendConnections(client);
  return client;
}

/** kafkajs leaves Nagle's algorithm on, which delays small requests by up to 40 ms. */
const connectSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // An IP address is not a server name and must not be sent as one.
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? tls.connect({ host, port, ...name, ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MILLISECONDS);
};

/**
 * kafkajs logs every failed attempt as an error, although it is retried or reported by us. Log it
 * at debug level.
 */
function quietly(logger: Logger): logCreator {
  return () =>
    ({ namespace, log: { message, ...said } }) => {
      const { error: err, groupId: group }: Readonly<Record<string, unknown>> = said;
      const ofGroup = typeof group === 'string' && { group };
      logger.debug({ component: namespace, err, ...ofGroup }, message);
    };
}
