import type { Consumer, ConsumerConfig, Kafka as KafkaJs } from 'kafkajs';
import { decodeFetchResponse } from './fetch-response.js';
import { KafkaUnavailableError } from './kafka.errors.js';
import {
  type Broker,
  type Cluster,
  clusterFactory,
  type ConnectionPool,
  type CoordinatorRequest,
  type CreateCluster,
  type RequestQueue,
} from './kafkajs-internals.js';

const FETCH = 1;
const FETCH_VERSION = 11;
/** The connection for fetches, among those to a broker. */
const FETCH_CONNECTION = 1;
const TRANSACTION_COORDINATOR = 1;
const TIMEOUT_CHECK_MILLISECONDS = 1_000;

/**
 * Corrects kafkajs in the client and everything created from it:
 *
 * - With its own decoding of fetches, one batch can stop the reading of all partitions. {@link
 *   decodeFetchResponse} replaces it.
 * - From its first request on, each connection wakes the process every millisecond, and ten times a
 *   second to look for requests that timed out.
 * - A transactional producer asks for its coordinator twice in each transaction.
 */
export function mendConnections(client: KafkaJs): void {
  const [clusters, symbol] = clusterFactory(client);
  const create = clusters[symbol] as CreateCluster;
  clusters[symbol] = (options) => {
    const cluster = create.call(client, options);
    rememberCoordinators(cluster);
    eachBroker(cluster, (_, connections) => {
      decodeFetchesOf(connections);
      for (const { requestQueue } of connections.pool) letRest(requestQueue);
    });
    return cluster;
  };
}

/**
 * For as long as the connection to it lives. A coordinator that is none any more refuses the
 * transaction, and a producer that was refused is replaced with its cluster.
 */
function rememberCoordinators(cluster: Cluster): void {
  const find = cluster.findGroupCoordinator.bind(cluster);
  const known = new Map<string, Broker>();
  cluster.findGroupCoordinator = async (wanted: CoordinatorRequest) => {
    if (wanted.coordinatorType !== TRANSACTION_COORDINATOR) return find(wanted);
    const held = known.get(wanted.groupId);
    if (held?.isConnected()) return held;
    const found = await find(wanted);
    known.set(wanted.groupId, found);
    return found;
  };
}

/** A consumer whose fetches may be long. */
export interface LongPolling {
  readonly consumer: Consumer;
  /** Ends the fetches under way. They would delay the end of a consumer that is disconnecting. */
  endFetches(): void;
}

/** `longestFetch`: how many milliseconds a fetch that begins now may wait for records. */
export function createLongPolling(
  client: KafkaJs,
  config: ConsumerConfig,
  longestFetch: () => number,
): LongPolling {
  const [clusters, symbol] = clusterFactory(client);
  const create = clusters[symbol] as CreateCluster;
  const pools = new Set<ConnectionPool>();
  let isEnded = false;
  const createCluster = (options: object) => {
    const cluster = create.call(client, options);
    eachBroker(cluster, (broker, connections) => {
      pools.add(connections);
      const fetch = broker.fetch.bind(broker);
      broker.fetch = async (request) => {
        try {
          return await fetch({ ...request, maxWaitTime: longestFetch() });
        } catch (error) {
          if (isEnded) return { responses: [] };
          throw error;
        }
      };
    });
    return cluster;
  };
  const ours = Object.create(client, { [symbol]: { value: createCluster } }) as KafkaJs;
  const endFetches = (): void => {
    isEnded = true;
    for (const { pool } of pools) pool[FETCH_CONNECTION]?.rejectRequests(new Error('the consumer ends'));
  };
  return { consumer: ours.consumer(config), endFetches };
}

function eachBroker(cluster: Cluster, visit: (broker: Broker, connections: ConnectionPool) => void): void {
  const { brokerPool } = cluster;
  const createBroker = brokerPool.createBroker.bind(brokerPool);
  brokerPool.createBroker = (options) => {
    const broker = createBroker(options);
    visit(broker, options.connectionPool);
    return broker;
  };
}

function decodeFetchesOf(connections: ConnectionPool): void {
  const send = connections.send.bind(connections);
  connections.send = async (call) => {
    if (call.request.apiKey !== FETCH) return send(call);
    if (call.request.apiVersion !== FETCH_VERSION)
      throw new KafkaUnavailableError('Kafka 2.3 or newer is required');
    const response = { ...call.response, decode: async (data: Buffer) => decodeFetchResponse(data) };
    return send({ ...call, response });
  };
}

/** Only requests that are throttled wait in the queue. Without any, nothing has to be scheduled. */
function letRest(queue: RequestQueue): void {
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
  queue.scheduleRequestTimeoutCheck = () => {
    queue.destroy();
    queue.requestTimeoutIntervalId = setInterval(() => {
      for (const request of queue.inflight.values()) {
        if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
      }
      if (!queue.isConnected()) queue.destroy();
    }, TIMEOUT_CHECK_MILLISECONDS);
  };
}
