import { condition } from '@temporalio/workflow';
import type { Outcome } from '#libs/core/outcome.js';
import type { Mailbox } from '#libs/entity/protocol/mailbox.js';

/** Those who wait for outcomes: the handlers of updates. */
export class WaitingSenders {
  private readonly awaited = new Set<string>();
  /** Commands among these whose outcome is an old one. */
  private readonly remembered = new Set<string>();

  constructor(private readonly mailbox: Mailbox) {}

  /** The outcome of a command, once there is one. */
  async outcomeOf(commandId: string): Promise<{ outcome: Outcome; isRemembered: boolean }> {
    this.awaited.add(commandId);
    let outcome: Outcome | undefined;
    // An outcome that could not be known is gone as soon as its command is sent again.
    await condition(() => (outcome = this.mailbox.outcomeOf(commandId)) !== undefined);
    this.awaited.delete(commandId);
    return { outcome: outcome as unknown as Outcome, isRemembered: this.remembered.delete(commandId) };
  }

  /** These were settled long ago, though the entity had forgotten it. */
  noteRemembered(commandIds: readonly string[]): void {
    for (const commandId of commandIds) if (this.awaited.has(commandId)) this.remembered.add(commandId);
  }

  /** Whether anyone still has to be answered. */
  get areOwed(): boolean {
    return [...this.awaited].some((commandId) => !this.mailbox.outcomeOf(commandId));
  }
}
