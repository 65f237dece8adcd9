import type { Refusal } from './kafka.js';
import { KafkaUnavailableError, ProducerFencedError } from './kafka.errors.js';

const FENCED_TYPES = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']);
/** kafkajs does not know PRODUCER_FENCED and only repeats its number. */
const FENCED_CODE = /\b90\b/;

const LOADING_TYPES = new Set(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE']);

const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ['MESSAGE_TOO_LARGE', 'record-too-large'],
  ['RECORD_LIST_TOO_LARGE', 'record-too-large'],
  ['INVALID_RECORD', 'record-invalid'],
  // Also for a name that differs from an existing one only in a dot and an underscore.
  ['INVALID_TOPIC_EXCEPTION', 'topic-invalid'],
  ['POLICY_VIOLATION', 'topic-against-policy'],
  ['INVALID_CONFIG', 'topic-against-policy'],
  ['INVALID_PARTITIONS', 'topic-against-policy'],
  ['TOPIC_AUTHORIZATION_FAILED', 'topic-not-authorized'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'topic-not-authorized'],
]);

interface KafkaJsError {
  readonly type?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly originalError?: unknown;
  /** Per topic that was not created, the reason. */
  readonly errors?: readonly { readonly topic?: string; readonly type?: string }[];
  /** Per group, the result. */
  readonly groups?: readonly { readonly error?: unknown }[];
}

/** Converts an error of kafkajs to ours. */
export function toKafkaError(error: unknown, doing: string): KafkaUnavailableError | ProducerFencedError {
  if (error instanceof KafkaUnavailableError || error instanceof ProducerFencedError) return error;
  const chain = [...causes(error)];
  if (chain.some(isFenced)) {
    return new ProducerFencedError(`another producer took over while ${doing}`, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new KafkaUnavailableError(`Kafka failed while ${doing}: ${message}`, { cause: error });
}

/**
 * Whether the previous transaction is still being completed. Nothing was written, and a retry
 * succeeds soon.
 */
export function isConcurrentTransaction(error: unknown): boolean {
  return [...causes(error)].some(({ type }) => type === 'CONCURRENT_TRANSACTIONS');
}

/** Why the broker will never accept the request, or undefined if it may later. */
export function refusalOf(error: unknown): Refusal | undefined {
  for (const { type } of causes(error)) {
    const reason = type === undefined ? undefined : REFUSALS.get(type);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * From an error of topic creation: the topics that can never be created. Rethrows if others failed
 * for another reason.
 */
export function refusedTopics(error: unknown): Map<string, Refusal> {
  const failed = [...causes(error)].flatMap(({ errors }) => errors ?? []);
  const refused = new Map<string, Refusal>();
  for (const { topic, type } of failed) {
    // Another process was faster.
    if (type === 'TOPIC_ALREADY_EXISTS') continue;
    const reason = refusalOf({ type });
    if (topic === undefined || reason === undefined) throw error;
    refused.set(topic, reason);
  }
  if (failed.length === 0) throw error;
  return refused;
}

/** The broker has just started, or had no consumer group before. A retry succeeds soon. */
export function isStillLoading(error: unknown): boolean {
  return [...causes(error)].some(({ type }) => type !== undefined && LOADING_TYPES.has(type));
}

/** The group cannot be removed because it has members or does not exist. */
export function isGroupLeft(error: unknown): boolean {
  const groups = [...causes(error)].flatMap((cause) => cause.groups ?? []);
  const types = groups.flatMap((group) => [...causes(group.error)].map(({ type }) => type));
  return (
    types.length > 0 && types.every((type) => type === 'NON_EMPTY_GROUP' || type === 'GROUP_ID_NOT_FOUND')
  );
}

function isFenced({ type, message }: KafkaJsError): boolean {
  if (type !== undefined && FENCED_TYPES.has(type)) return true;
  return type === 'KAFKAJS_UNKNOWN_ERROR_CODE' && FENCED_CODE.test(message ?? '');
}

function* causes(error: unknown): Generator<KafkaJsError> {
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const known = current as KafkaJsError;
    yield known;
    current = known.cause ?? known.originalError;
  }
}
