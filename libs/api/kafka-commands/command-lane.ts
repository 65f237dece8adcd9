import type { CommandDoor, Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { firstMessage } from '#libs/entity/gateway/temporal-entity-messages.js';
import type { CommandRecord } from './command-record.js';
import type { TracedCommand } from './traced-record.js';

/** The commands of a batch for one entity, in order. Each is sent once. */
export class CommandLane {
  private readonly left: TracedCommand[] = [];

  constructor(
    private readonly stream: string,
    /** Of its first command. */
    readonly sender: string,
  ) {}

  add(command: TracedCommand): void {
    this.left.push(command);
  }

  /**
   * Sends all commands in as few messages as possible, each message once the previous one is
   * durable. If any command in a message wants a reply, waits for the outcomes until the deadline
   * and passes them to `reply`. Throws while a server is unavailable; call it again to resume.
   */
  async handOver(
    door: CommandDoor,
    deadline: number,
    reply: (command: CommandRecord, receipt: Receipt) => void,
  ): Promise<void> {
    while (this.left.length > 0) {
      const message = this.left.slice(0, firstMessage(this.left.map(({ command }) => command.envelope)));
      const envelopes = message.map(({ command }) => command.envelope);
      if (message.every(({ command }) => command.replyTo === undefined)) {
        await door.send(this.stream, envelopes);
      } else {
        const receipts = await door.execute(this.stream, envelopes, Math.max(0, deadline - Date.now()));
        for (const [index, { command }] of message.entries()) {
          if (command.replyTo !== undefined) reply(command, receipts[index] as Receipt);
        }
      }
      this.left.splice(0, message.length);
      for (const { span } of message) span?.end();
    }
  }
}
