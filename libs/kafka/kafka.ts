/**
 * A message to be written. The key determines the partition (murmur2, as in every Kafka client).
 */
export interface OutgoingMessage {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Messages for one topic, in order. */
export interface TopicMessages<Message = OutgoingMessage> {
  readonly topic: string;
  readonly messages: readonly Message[];
}

/** The raw content of a record. For each header name, all its values. */
export interface RawRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, readonly (Buffer | null)[]>>;
}

/** A record with header and key bytes read as UTF-8. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Timestamp set by the producer, in milliseconds since 1970. */
  readonly timestamp: number;
  readonly key: string | undefined;
  readonly value: string | undefined;
  /** For a repeated name, the first value. Null values are left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: RawRecord;
  /**
   * Why the record, or a batch of several up to this offset, is unreadable. The raw value then
   * holds the bytes on the topic, unchanged.
   */
  readonly unreadable?: string;
}

/** Committed records of one partition, in order. */
export interface KafkaBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
  /** The requested offset. Everything from here to the first record is known to be no data. */
  readonly fetchedOffset: bigint;
  /** The offset after everything that this batch covers, transaction markers included. */
  readonly nextOffset: bigint;
}

/** First available offset and next offset of each partition. */
export type Watermarks = ReadonlyMap<number, { readonly low: bigint; readonly high: bigint }>;

/** A topic to be created if it is missing. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings such as `retention.ms`. */
  readonly settings: Readonly<Record<string, string>>;
  /** An existing topic belongs to somebody else: its partitions and settings are left alone. */
  readonly isTakenAsFound?: boolean;
}

/** Writes each batch of messages as one transaction, all or nothing. */
export interface TransactionalProducer {
  /**
   * Resolves when the messages, of all topics together, are committed. Errors:
   * `ProducerFencedError` (another producer took over the transactional id; nothing of this batch
   * will ever be visible), `KafkaUnavailableError` (may or may not be committed: close this
   * producer, open another, and read the topic).
   */
  commit(writes: readonly TopicMessages[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Why the broker will never accept something, however often it is retried: the record itself, or
 * its topic.
 */
export type Refusal =
  'record-too-large' | 'record-invalid' | 'topic-invalid' | 'topic-against-policy' | 'topic-not-authorized';

/** A message that was not and never will be written. */
export interface RefusedMessage<Message> {
  readonly topic: string;
  readonly message: Message;
  readonly reason: Refusal;
}

/** Writes messages outside of transactions. */
export interface Sender {
  /**
   * Resolves when all replicas have all messages, except for those it returns, which are refused
   * permanently. Some of the others may then be on the topic twice. Throws `KafkaUnavailableError`
   * if the outcome is unknown: some may be written, and would be duplicated by sending them again.
   */
  send<Message extends OutgoingMessage | RawRecord>(
    writes: readonly TopicMessages<Message>[],
  ): Promise<readonly RefusedMessage<Message>[]>;
  close(): Promise<void>;
}

/** What a batch handler may request of its consumer. */
export interface BatchControl {
  /** Changes whenever partitions may have been reassigned. */
  readonly generation: number;
  /**
   * Reads this partition again from another offset. The current batch then counts as not handled.
   */
  seek(offset: bigint): void;
}

/** Handles a batch. If it fails, the same batch is redelivered after a pause. */
export type BatchHandler = (batch: KafkaBatch, control: BatchControl) => Promise<void>;

/** Offsets to start at, by partition. Retried while it fails. */
export type StartAt = (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, bigint>>;

export interface ConsumeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handle: BatchHandler;
  /**
   * Where to start in newly assigned partitions. Default, also for those that it leaves out: the
   * committed offsets of the group.
   */
  readonly startAt?: StartAt;
  /** At most so many batches are passed to the handler at once. Default: 4. */
  readonly concurrency?: number;
}

export interface ConsumerStatus {
  readonly state: 'starting' | 'running' | 'restarting' | 'stopped';
  /** Time of the last sign of life of the polling loop, in milliseconds since 1970. */
  readonly lastPollAt: number;
  /** The error that blocks a batch at present. */
  readonly failure: string | undefined;
  /** Next offset to be read by topic and assigned partition, where known. */
  readonly assigned: ReadonlyMap<string, ReadonlyMap<number, bigint | undefined>>;
}

/** A member of a consumer group that is kept alive. */
export interface BatchConsumer {
  status(): ConsumerStatus;
  /** Starts again where `startAt` says in all assigned partitions, be it earlier or later. */
  reposition(): void;
  close(): Promise<void>;
}

/** Kafka as the relay and the read models need it. Reads return committed records only. */
export interface Kafka {
  /**
   * Creates missing topics and waits until they are usable. Corrects the settings of existing ones.
   * Errors: `TopicsRefusedError` if some can never be created (the others exist then),
   * `UnfitTopicsError` if some exist in a form that we cannot use, `KafkaUnavailableError`.
   */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /**
   * Takes over the transactional id: the previous holder can commit nothing more, and its open
   * transaction is aborted.
   */
  openProducer(transactionalId: string): Promise<TransactionalProducer>;
  /** Connects on first use. */
  openSender(): Sender;
  /**
   * For each partition, the value that `accept` returns for the last committed record that it
   * accepts.
   */
  readTail<T>(topic: string, accept: (record: KafkaRecord) => T | undefined): Promise<readonly T[]>;
  /**
   * The committed records of a topic from `positions`, or from the start, up to its current end,
   * partition by partition. Advances `positions`, so that the scan can be resumed.
   */
  scan(topic: string, positions: Map<number, bigint>): AsyncIterable<readonly KafkaRecord[]>;
  watermarks(topic: string): Promise<Watermarks>;
  /**
   * Starts immediately, even if Kafka is unavailable, and restarts after every failure until it is
   * closed.
   */
  consume(options: ConsumeOptions): BatchConsumer;
  /** Removes a consumer group with its offsets, if it exists and has no members. */
  deleteGroup(groupId: string): Promise<void>;
  /** Whether a broker responds within a second or two. */
  isReachable(): Promise<boolean>;
  close(): Promise<void>;
}

/** The calls for which a caller waits for an answer. */
export type AskedKafka = Pick<Kafka, 'readTail' | 'watermarks'>;
