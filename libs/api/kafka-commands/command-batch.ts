import { ProblemError } from '#libs/core/problem-error.js';
import { problems, UnavailableError } from '#libs/core/problems.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { CommandDoor, Receipt } from '#libs/entity/gateway/entity-gateway.js';
import type { Caller } from '#libs/identity/caller.js';
import { eachOf } from '#libs/runtime/each-of.js';
import type {
  KafkaBatch,
  KafkaRecord,
  OutgoingMessage,
  RawRecord,
  TopicMessages,
} from '#libs/kafka/kafka.js';
import { replyTopicOf } from './command-headers.js';
import { CommandLane } from './command-lane.js';
import { type CommandRecord, decodeCommand } from './command-record.js';
import { toDeadLetter } from './dead-letter.js';
import type { RecordSenders } from './record-senders.js';
import type { SenderTurns } from './sender-turns.js';
import { toRefusalRecord, toReplyRecord } from './reply-record.js';
import { tracedRecord } from './traced-record.js';

/** Of one sender, in one batch. */
const CONCURRENT_ENTITIES = 64;

/** A batch of records in progress: its unsent commands, its replies and its dead letters. */
export class CommandBatch {
  /** Dead letters of the records that are not commands. */
  readonly letters: RawRecord[] = [];
  /** How many of its records have been decoded. */
  private taken = 0;
  private readonly lanes = new Map<string, CommandLane>();
  private readonly replies = new Map<string, OutgoingMessage[]>();

  constructor(
    private readonly contract: EntityContract,
    private readonly batch: KafkaBatch,
    private readonly senders: RecordSenders,
    private readonly turns: SenderTurns,
  ) {}

  /** How many of its records are commands, once all are taken. */
  get commands(): number {
    return this.taken - this.letters.length;
  }

  /** Whether this is the same batch, read again, so that work on it can resume. */
  isOf({ fetchedOffset, nextOffset, records }: KafkaBatch): boolean {
    const { batch } = this;
    const isSameRange = batch.fetchedOffset === fetchedOffset && batch.nextOffset === nextOffset;
    // The topic may have been deleted and recreated.
    return isSameRange && batch.records.at(-1)?.timestamp === records.at(-1)?.timestamp;
  }

  /**
   * Sends the commands: in order for each entity, and in parallel for different entities and
   * senders. Throws while a server is unavailable, also one that proves who the senders are.
   */
  async handOver(door: CommandDoor, replyPatienceMilliseconds: number): Promise<void> {
    await this.takeAll();
    const deadline = Date.now() + replyPatienceMilliseconds;
    const reply = (command: CommandRecord, receipt: Receipt): void => {
      this.reply(command.replyTo as string, toReplyRecord(command, receipt));
    };
    const bySender = this.lanesBySender();
    await eachOf([...bySender], bySender.size, async ([sender, lanes]) => {
      await eachOf(lanes, CONCURRENT_ENTITIES, async ([stream, lane]) => {
        await this.turns.take(sender, () => lane.handOver(door, deadline, reply));
        this.lanes.delete(stream);
      });
    });
  }

  /** The outcomes so far, by reply topic. */
  outcomes(): readonly TopicMessages[] {
    return [...this.replies].map(([topic, messages]) => ({ topic, messages }));
  }

  private lanesBySender(): ReadonlyMap<string, (readonly [stream: string, CommandLane])[]> {
    const bySender = new Map<string, (readonly [string, CommandLane])[]>();
    for (const [stream, lane] of this.lanes) {
      const lanes = bySender.get(lane.sender);
      if (lanes) lanes.push([stream, lane]);
      else bySender.set(lane.sender, [[stream, lane]]);
    }
    return bySender;
  }

  private async takeAll(): Promise<void> {
    for (const record of this.batch.records.slice(this.taken)) {
      await this.take(record);
      this.taken += 1;
    }
  }

  private async take(record: KafkaRecord): Promise<void> {
    let sender: Caller | undefined;
    try {
      const { raw, unreadable } = record;
      if (unreadable !== undefined) throw new ProblemError(problems.invalidRequest, unreadable);
      sender = await this.senders.senderOf(raw);
      const command = decodeCommand(this.contract, record, sender);
      // No tenant has a blank in its name, so no two callers share a key.
      const from = `${sender.tenant} ${sender.id}`;
      const lane = this.lanes.get(command.stream) ?? new CommandLane(command.stream, from);
      lane.add(tracedRecord(command, record));
      this.lanes.set(command.stream, lane);
    } catch (error) {
      if (!(error instanceof ProblemError) || error instanceof UnavailableError) throw error;
      this.letters.push(toDeadLetter(record, error));
      const replyTo = wantedReply(record);
      if (replyTo !== undefined) {
        this.reply(replyTo, toRefusalRecord(this.contract.name, record, error, sender?.tenant));
      }
    }
  }

  private reply(topic: string, message: OutgoingMessage): void {
    const replies = this.replies.get(topic);
    if (replies) replies.push(message);
    else this.replies.set(topic, [message]);
  }
}

/**
 * The reply topic of a record that is not a command. Undefined if the header is missing or invalid.
 */
function wantedReply({ raw }: KafkaRecord): string | undefined {
  try {
    return replyTopicOf(raw);
  } catch {
    return undefined;
  }
}
