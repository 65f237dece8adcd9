import type { Kafka as KafkaJs } from 'kafkajs';
import { decodeFetchResponse, type FetchResponse } from './fetch-response.js';
import type { Watermarks } from './kafka.js';
import { KafkaUnavailableError } from './kafka.errors.js';
import type { FetchedMessage } from './record-batch.js';

export interface FetchedPartition {
  readonly partition: number;
  readonly messages: readonly FetchedMessage[];
}

/** Reads a topic without joining a consumer group. */
export interface GroupFreeReader {
  watermarks(): Promise<Watermarks>;
  fetch(partition: number, offset: bigint): Promise<FetchedPartition>;
  close(): Promise<void>;
}

interface OffsetsRequest {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
  readonly fromBeginning: boolean;
}

interface Broker {
  fetch(request: object): Promise<Pick<FetchResponse, 'responses'>>;
}

interface ProtocolRequest {
  readonly request: { readonly apiKey: number; readonly apiVersion: number };
  readonly response: { decode(data: Buffer): Promise<unknown> };
}

interface BrokerOptions {
  readonly connectionPool: { send(request: ProtocolRequest): Promise<unknown> };
}

interface Cluster {
  readonly brokerPool: { createBroker(options: BrokerOptions): Broker };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; leader: number }[];
  findBroker(address: { nodeId: number }): Promise<Broker>;
  fetchTopicsOffset(topics: readonly OffsetsRequest[]): Promise<
    readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
}

type CreateCluster = (options: object) => Cluster;

const CREATE_CLUSTER = 'private:Kafka:createCluster';
const FETCH = 1;
const FETCH_VERSION = 11;
const READ_COMMITTED = 1;
const MEBIBYTE = 1024 * 1024;

/**
 * kafkajs can only fetch as a member of a consumer group, and joining one takes seconds on a
 * cluster. The API that it uses itself is behind a private symbol. Its version is pinned exactly,
 * and only this file depends on it.
 */
export async function openGroupFreeReader(client: KafkaJs, topic: string): Promise<GroupFreeReader> {
  const cluster = createCluster(client);
  await cluster.connect();
  try {
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();
    const metadata = cluster.findTopicPartitionMetadata(topic);
    const leaders = new Map(metadata.map(({ partitionId, leader }) => [partitionId, leader]));
    const firstFetches = new Map<number, Promise<unknown>>();
    return {
      watermarks: () => watermarks(cluster, topic, [...leaders.keys()]),
      fetch: async (partition, offset) => {
        const leader = leaders.get(partition) ?? -1;
        const first = firstFetches.get(leader);
        // kafkajs opens a connection for each of several concurrent first fetches, and forgets all
        // but one.
        if (first) await first;
        const fetching = fetchPartition(cluster, topic, partition, leader, offset);
        if (!first)
          firstFetches.set(
            leader,
            fetching.catch(() => undefined),
          );
        return fetching;
      },
      close: () => cluster.disconnect(),
    };
  } catch (error) {
    await cluster.disconnect();
    throw error;
  }
}

/**
 * Makes the client, and everything created from it, decode fetches with {@link
 * decodeFetchResponse}. With kafkajs's own decoding, one batch can stop the reading of all
 * partitions.
 */
export function decodeFetches(client: KafkaJs): void {
  const [clusters, symbol] = clusterFactory(client);
  const create = clusters[symbol] as CreateCluster;
  clusters[symbol] = (options) => {
    const cluster = create.call(client, options);
    const { brokerPool } = cluster;
    const createBroker = brokerPool.createBroker.bind(brokerPool);
    brokerPool.createBroker = (broker) => {
      decodeFetchesOf(broker.connectionPool);
      return createBroker(broker);
    };
    return cluster;
  };
}

function decodeFetchesOf(connections: BrokerOptions['connectionPool']): void {
  const send = connections.send.bind(connections);
  connections.send = async (call) => {
    if (call.request.apiKey !== FETCH) return send(call);
    if (call.request.apiVersion !== FETCH_VERSION)
      throw new KafkaUnavailableError('Kafka 2.3 or newer is required');
    const response = { ...call.response, decode: async (data: Buffer) => decodeFetchResponse(data) };
    return send({ ...call, response });
  };
}

function clusterFactory(client: KafkaJs): [Record<symbol, CreateCluster>, symbol] {
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === CREATE_CLUSTER,
  );
  if (!symbol) throw new KafkaUnavailableError('this version of kafkajs creates clusters in another way');
  return [client as unknown as Record<symbol, CreateCluster>, symbol];
}

function createCluster(client: KafkaJs): Cluster {
  const [clusters, symbol] = clusterFactory(client);
  return (clusters[symbol] as CreateCluster)({
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
}

async function watermarks(cluster: Cluster, topic: string, ids: readonly number[]): Promise<Watermarks> {
  const partitions = ids.map((partition) => ({ partition }));
  const [lows, highs] = await Promise.all(
    [true, false].map((fromBeginning) => cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }])),
  );
  const lowOf = new Map(lows?.[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  const ends = highs?.[0]?.partitions ?? [];
  return new Map(
    ends.map(({ partition, offset }) => [
      partition,
      { low: lowOf.get(partition) ?? 0n, high: BigInt(offset) },
    ]),
  );
}

async function fetchPartition(
  cluster: Cluster,
  topic: string,
  partition: number,
  leader: number,
  offset: bigint,
): Promise<FetchedPartition> {
  const broker = await cluster.findBroker({ nodeId: leader });
  const { responses } = await broker.fetch({
    maxWaitTime: 50,
    minBytes: 1,
    maxBytes: 4 * MEBIBYTE,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: MEBIBYTE }] }],
  });
  const fetched = responses[0]?.partitions[0];
  return { partition, messages: fetched?.messages ?? [] };
}
