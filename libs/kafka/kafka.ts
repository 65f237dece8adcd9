/** A message to be written. The key decides the partition (murmur2, as every Kafka client does). */
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

/** What a record is made of before anybody reads text in it. Of headers, each value that stands under the name. */
export interface RawRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, readonly (Buffer | null)[]>>;
}

/** A record as it was read. Header and key bytes are read as UTF-8. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** When its producer wrote it, in milliseconds since 1970. */
  readonly timestamp: number;
  readonly key: string | undefined;
  readonly value: string | undefined;
  /** Of a name that stands more than once, the first value; without those that are null. */
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: RawRecord;
  /**
   * Why nothing can be read of what stands here, up to this offset: a record, or a batch of several. The raw value is
   * then what stands on the topic, byte for byte.
   */
  readonly unreadable?: string;
}

/** Records of one partition, in order, committed ones only. */
export interface KafkaBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
  /** The offset that was asked for: everything from here to the first record is known to be no data. */
  readonly fetchedOffset: bigint;
  /** The offset after everything this batch covers, markers of transactions included. */
  readonly nextOffset: bigint;
}

/** First offset held and next offset to be written of each partition. */
export type Watermarks = ReadonlyMap<number, { readonly low: bigint; readonly high: bigint }>;

/** A topic to be made when it is missing. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings such as `retention.ms`. */
  readonly settings: Readonly<Record<string, string>>;
  /** One that exists already belongs to somebody else: its partitions and settings are not our business. */
  readonly isTakenAsFound?: boolean;
}

/** Writes batches of messages as transactions, all of a batch or nothing. */
export interface TransactionalProducer {
  /**
   * Resolves when the messages, of all topics together, are committed. Errors: `ProducerFencedError` (someone else took the transactional id over;
   * nothing of this batch will ever be visible), `KafkaUnavailableError` (may or may not be committed: close this
   * producer, open another, and look at the topic).
   */
  commit(writes: readonly TopicMessages[]): Promise<void>;
  close(): Promise<void>;
}

/** Why the broker will never take something, however often it is asked: because of the record, or because of its topic. */
export type Refusal =
  'record-too-large' | 'record-invalid' | 'topic-invalid' | 'topic-against-policy' | 'topic-not-authorized';

/** A message that is not written, and never will be. */
export interface RefusedMessage<Message> {
  readonly topic: string;
  readonly message: Message;
  readonly reason: Refusal;
}

/** Writes messages that belong to no transaction. */
export interface Sender {
  /**
   * Resolves when all replicas have them all, but for those that it answers with: they are refused for good, one by one.
   * Some of the others may then stand twice. Throws `KafkaUnavailableError` when it is not known what is written: some may
   * be there, and stand twice when they are sent again.
   */
  send<Message extends OutgoingMessage | RawRecord>(
    writes: readonly TopicMessages<Message>[],
  ): Promise<readonly RefusedMessage<Message>[]>;
  close(): Promise<void>;
}

/** What a batch handler may ask of its consumer. */
export interface BatchControl {
  /** Changes whenever partitions may have been reassigned. */
  readonly generation: number;
  /** Reads this partition again from another offset; the batch in hand then counts as not handled. */
  seek(offset: bigint): void;
}

/** Handles a batch; when it fails, the same batch comes again after a pause. */
export type BatchHandler = (batch: KafkaBatch, control: BatchControl) => Promise<void>;

/** Offsets to begin at, by partition. Asked again while it fails. */
export type StartAt = (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, bigint>>;

export interface ConsumeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handle: BatchHandler;
  /** Where to begin in partitions assigned just now; without it, or for those it leaves out, where the group stands. */
  readonly startAt?: StartAt;
}

export interface ConsumerStatus {
  readonly state: 'starting' | 'running' | 'restarting' | 'stopped';
  /** Milliseconds since 1970 of the last sign of life of the polling loop. */
  readonly lastPollAt: number;
  /** The failure that holds a batch back at this moment. */
  readonly failure: string | undefined;
  /** Per topic and assigned partition the next offset to be read, where known. */
  readonly assigned: ReadonlyMap<string, ReadonlyMap<number, bigint | undefined>>;
}

/** A member of a consumer group that is kept alive. */
export interface BatchConsumer {
  status(): ConsumerStatus;
  close(): Promise<void>;
}

/** Kafka, as the relay and the read models need it. Reads see committed records only. */
export interface Kafka {
  /**
   * Makes missing topics and waits until they can be used; corrects the settings of those that exist. Errors:
   * `TopicsRefusedError` when some can never be had, the others are there then; `UnfitTopicsError` when some exist in a form
   * that we cannot use; `KafkaUnavailableError`.
   */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Takes the transactional id over: whoever held it can commit nothing any more, its open transaction is aborted. */
  openProducer(transactionalId: string): Promise<TransactionalProducer>;
  /** Connects when first used. */
  openSender(): Sender;
  /** The last committed record of each partition for which `accept` returns a value, as that value. */
  readTail<T>(topic: string, accept: (record: KafkaRecord) => T | undefined): Promise<readonly T[]>;
  /**
   * The committed records of a topic from `positions`, or from its start, to where it ends now, one partition after the other;
   * moves `positions` there, so that it can be gone on from.
   */
  scan(topic: string, positions: Map<number, bigint>): AsyncIterable<readonly KafkaRecord[]>;
  watermarks(topic: string): Promise<Watermarks>;
  /** Starts at once, also while Kafka is away, and begins again after every end until it is closed. */
  consume(options: ConsumeOptions): BatchConsumer;
  /** Removes a consumer group with its offsets, if it is there and has no members. */
  deleteGroup(groupId: string): Promise<void>;
  /** Whether a broker answers, within a second or two. */
  isReachable(): Promise<boolean>;
  close(): Promise<void>;
}

/** What somebody who waits for an answer asks of topics. */
export type AskedKafka = Pick<Kafka, 'readTail' | 'watermarks'>;
