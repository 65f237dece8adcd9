import type { FlowEvent } from '#libs/core/flow/flow.messages.js';
import { Inbox, messageIn } from '#libs/core/flow/inbox.js';
import type { Message } from '#libs/core/flow/flow.js';
import type { JsonObject } from '#libs/core/json.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { CarriedFlow } from './carried-flow.js';
import { readInbox } from './flow-activities.proxy.js';

/** What a run may carry to the next, as JSON. It shares a payload with the ring and the state. */
const MAX_CARRIED_BYTES = 600_000;

/**
 * The inbox of a flow: the messages in its stream, each once and in order, whichever way the run
 * learns of their events.
 */
export class FlowInbox {
  readonly messages = new Inbox((message, by) => this.count(message, by));
  private upTo: number;
  private readCount: number;
  private readBytes: number;

  constructor(
    private readonly stream: string,
    { unread, upTo, read, readBytes }: CarriedFlow,
  ) {
    this.upTo = upTo;
    this.readCount = read;
    this.readBytes = readBytes;
    for (const message of unread) this.messages.add(message);
  }

  /** What the function has taken since it began, in messages and in bytes. */
  get read(): { read: number; readBytes: number } {
    return { read: this.readCount, readBytes: this.readBytes };
  }

  /** The numbers of the messages that it has not taken. */
  get unread(): readonly number[] {
    return this.messages.unread.map(({ n }) => n);
  }

  /** Takes the event of a revision, if it is the next one. */
  see(event: FlowEvent, revision: number): void {
    if (revision !== this.upTo + 1) return;
    this.upTo = revision;
    const message = messageIn(event);
    if (message) this.messages.add(message);
  }

  /** Whether the stream has events that were not seen. */
  isBehind(revision: number): boolean {
    return this.upTo < revision;
  }

  /**
   * Reads what was not seen from the stream: one page, of which the last revision is at most `to`.
   */
  async catchUp(to: number): Promise<void> {
    const { messages, upTo } = await readInbox({ stream: this.stream, from: this.upTo + 1, to });
    for (const message of messages) this.messages.add(message);
    this.upTo = Math.max(this.upTo, upTo);
  }

  /** Whether the next run can take it along. */
  get isSmall(): boolean {
    return jsonBytes(this.messages.unread) <= MAX_CARRIED_BYTES;
  }

  carry(): JsonObject {
    const { upTo, readCount: read, readBytes } = this;
    return { unread: this.messages.unread as unknown as JsonObject[], upTo, read, readBytes };
  }

  private count(message: Message, by: 1 | -1): void {
    this.readCount += by;
    this.readBytes += by * jsonBytes(message.data);
  }
}
