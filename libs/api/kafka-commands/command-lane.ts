import { type CommandDoor, firstMessage } from '#libs/entity/gateway/command-door.js';
import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';
import type { CommandRecord } from './command-record.js';

/** The commands of a batch for one entity, in order. What was handed over once is not handed over again. */
export class CommandLane {
  private readonly left: CommandRecord[] = [];

  constructor(private readonly stream: string) {}

  add(command: CommandRecord): void {
    this.left.push(command);
  }

  /**
   * Hands all over, message by message, each after the one before is durable. Outcomes of messages with a command that wants
   * a reply are waited for until the deadline; `reply` is told of each. Throws when a server is away: to be called again then.
   */
  async handOver(
    door: CommandDoor,
    deadline: number,
    reply: (command: CommandRecord, receipt: Receipt) => void,
  ): Promise<void> {
    while (this.left.length > 0) {
      const message = this.left.slice(0, firstMessage(this.left.map(({ envelope }) => envelope)));
      const envelopes = message.map(({ envelope }) => envelope);
      if (message.every(({ replyTo }) => replyTo === undefined)) {
        await door.send(this.stream, envelopes);
      } else {
        const receipts = await door.execute(this.stream, envelopes, Math.max(0, deadline - Date.now()));
        for (const [index, command] of message.entries()) {
          if (command.replyTo !== undefined) reply(command, receipts[index] as Receipt);
        }
      }
      this.left.splice(0, message.length);
    }
  }
}
