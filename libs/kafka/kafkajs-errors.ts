import { KafkaUnavailableError, ProducerFencedError } from './kafka.errors.js';

const FENCED_TYPES = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']);
/** PRODUCER_FENCED is younger than kafkajs, which only repeats its number. */
const FENCED_CODE = /\b90\b/;

const LOADING_TYPES = new Set(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE']);

interface KafkaJsError {
  readonly type?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly originalError?: unknown;
  /** Of a call for several groups: what became of each. */
  readonly groups?: readonly { readonly error?: unknown }[];
}

/** The error of kafkajs as one of ours. */
export function toKafkaError(error: unknown, doing: string): KafkaUnavailableError | ProducerFencedError {
  if (error instanceof KafkaUnavailableError || error instanceof ProducerFencedError) return error;
  const chain = [...causes(error)];
  if (chain.some(isFenced)) {
    return new ProducerFencedError(`another producer took over while ${doing}`, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new KafkaUnavailableError(`Kafka failed while ${doing}: ${message}`, { cause: error });
}

/** Whether the last transaction is still being completed: nothing was written, and trying again soon works. */
export function isConcurrentTransaction(error: unknown): boolean {
  return [...causes(error)].some(({ type }) => type === 'CONCURRENT_TRANSACTIONS');
}

/** A broker that was started just now, or never had a consumer group before: it only takes a moment. */
export function isStillLoading(error: unknown): boolean {
  return [...causes(error)].some(({ type }) => type !== undefined && LOADING_TYPES.has(type));
}

/** A group that cannot be removed because it has members, or is not there. */
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
