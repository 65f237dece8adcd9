import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';
import { z } from 'zod';
import { filesNamedIn, readTlsFiles, type TlsMaterial } from '#libs/api/http/pem-files.js';
import { ConfigError } from '#libs/api/http/read-config.js';
import { isLoopback } from '#libs/runtime/is-loopback.js';

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** The environment variables of the connections to Kafka. */
export const kafkaVariables = {
  KAFKA_BROKERS: z
    .string()
    .default('127.0.0.1:9092')
    .transform((text) => text.split(',').map((broker) => broker.trim())),
  /** Not needed if one of the files is given. */
  KAFKA_TLS: z.enum(['true', 'false', '1', '0'], 'must be true or false').optional(),
  KAFKA_TLS_CA_PATH: z.string().optional(),
  KAFKA_TLS_CERT_PATH: z.string().optional(),
  KAFKA_TLS_KEY_PATH: z.string().optional(),
  KAFKA_SASL_MECHANISM: z
    .string()
    .toUpperCase()
    .pipe(z.enum(MECHANISMS, `must be one of ${MECHANISMS.join(', ')}`))
    .optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
};

type KafkaConfig = z.output<z.ZodObject<typeof kafkaVariables>>;

/** The brokers, and how to connect to them. */
export interface KafkaCluster {
  readonly brokers: readonly string[];
  readonly ssl?: ConnectionOptions;
  readonly sasl?: SASLOptions;
}

/**
 * How to connect to Kafka. Throws `ConfigError` if a file cannot be used, or passwords would leak.
 */
export function kafkaOf(config: KafkaConfig): KafkaCluster {
  const tls = tlsOf(config);
  const sasl = saslOf(config);
  if (sasl && !tls && !config.KAFKA_BROKERS.every(isHere)) {
    throw new ConfigError('KAFKA_TLS: must be on, because KAFKA_SASL_PASSWORD is sent to another machine');
  }
  return {
    brokers: config.KAFKA_BROKERS,
    ...(tls && { ssl: { ...tls, rejectUnauthorized: true } }),
    ...(sasl && { sasl }),
  };
}

function tlsOf(config: KafkaConfig): TlsMaterial | undefined {
  const { KAFKA_TLS: given } = config;
  if (given === 'false' || given === '0') return undefined;
  const files = readTlsFiles(
    filesNamedIn(config, {
      ca: 'KAFKA_TLS_CA_PATH',
      cert: 'KAFKA_TLS_CERT_PATH',
      key: 'KAFKA_TLS_KEY_PATH',
    }),
  );
  return given !== undefined || Object.keys(files).length > 0 ? files : undefined;
}

function saslOf(config: KafkaConfig): SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism } = config;
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  const given = Object.entries({
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  });
  const missing = given.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length === given.length) return undefined;
  if (mechanism === undefined || username === undefined || password === undefined) {
    throw new ConfigError(`${missing[0]}: is missing; SASL needs a mechanism, a user and a password`);
  }
  const account = { username, password };
  if (mechanism === 'PLAIN') return { mechanism: 'plain', ...account };
  return { mechanism: mechanism === 'SCRAM-SHA-256' ? 'scram-sha-256' : 'scram-sha-512', ...account };
}

function isHere(broker: string): boolean {
  return isLoopback(broker.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
}
