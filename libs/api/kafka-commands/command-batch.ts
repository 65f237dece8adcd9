import { ProblemError } from '#libs/core/problem-error.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { CommandDoor } from '#libs/entity/gateway/entity-gateway.js';
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
import { decodeCommand } from './command-record.js';
import { toDeadLetter } from './dead-letter.js';
import { toRefusalRecord, toReplyRecord } from './reply-record.js';

const CONCURRENT_ENTITIES = 64;

/** A batch of records in progress: its unsent commands, its replies and its dead letters. */
export class CommandBatch {
  readonly commands: number;
  /** Dead letters of the records that are not commands. */
  readonly letters: RawRecord[] = [];
  private readonly lanes = new Map<string, CommandLane>();
  private readonly replies = new Map<string, OutgoingMessage[]>();

  constructor(
    private readonly contract: EntityContract,
    private readonly batch: KafkaBatch,
  ) {
    for (const record of batch.records) this.take(record);
    this.commands = batch.records.length - this.letters.length;
  }

  /** Whether this is the same batch, read again, so that work on it can resume. */
  isOf({ fetchedOffset, nextOffset, records }: KafkaBatch): boolean {
    const { batch } = this;
    const isSameRange = batch.fetchedOffset === fetchedOffset && batch.nextOffset === nextOffset;
    // The topic may have been deleted and recreated.
    return isSameRange && batch.records.at(-1)?.timestamp === records.at(-1)?.timestamp;
  }

  /**
   * Sends the commands: in order for each entity, and in parallel for different entities. Throws
   * while a server is unavailable.
   */
  async handOver(door: CommandDoor, replyPatienceMilliseconds: number): Promise<void> {
    const deadline = Date.now() + replyPatienceMilliseconds;
    await eachOf([...this.lanes], CONCURRENT_ENTITIES, async ([stream, lane]) => {
      await lane.handOver(door, deadline, (command, receipt) => {
        this.reply(command.replyTo as string, toReplyRecord(command, receipt));
      });
      this.lanes.delete(stream);
    });
  }

  /** The outcomes so far, by reply topic. */
  outcomes(): readonly TopicMessages[] {
    return [...this.replies].map(([topic, messages]) => ({ topic, messages }));
  }

  private take(record: KafkaRecord): void {
    try {
      const command = decodeCommand(this.contract, record);
      const lane = this.lanes.get(command.stream) ?? new CommandLane(command.stream);
      lane.add(command);
      this.lanes.set(command.stream, lane);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.letters.push(toDeadLetter(record, error));
      const replyTo = wantedReply(record);
      if (replyTo !== undefined) this.reply(replyTo, toRefusalRecord(this.contract.name, record, error));
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
