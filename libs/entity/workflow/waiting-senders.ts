import { condition } from '@temporalio/workflow';
import type { Outcome } from '#libs/core/outcome.js';
import type { Mailbox } from '#libs/entity/protocol/mailbox.js';

/** The update handlers that wait for the outcomes of their commands. */
export class WaitingSenders {
  private readonly awaited = new Set<string>();
  /** Awaited commands that were settled before, and forgotten by the entity. */
  private readonly remembered = new Set<string>();

  constructor(private readonly mailbox: Mailbox) {}

  /** Waits for the outcome of a command. */
  async outcomeOf(commandId: string): Promise<{ outcome: Outcome; isRemembered: boolean }> {
    this.awaited.add(commandId);
    let outcome: Outcome | undefined;
    // The assignment inside the condition matters: an unknown outcome is dropped as soon as its
    // command is sent again.
    await condition(() => (outcome = this.mailbox.outcomeOf(commandId)) !== undefined);
    this.awaited.delete(commandId);
    return { outcome: outcome as unknown as Outcome, isRemembered: this.remembered.delete(commandId) };
  }

  /** Notes commands that were settled long ago, although the entity had forgotten them. */
  noteRemembered(commandIds: readonly string[]): void {
    for (const commandId of commandIds) if (this.awaited.has(commandId)) this.remembered.add(commandId);
  }

  /** Whether a sender still waits for a command that has no outcome. */
  get areOwed(): boolean {
    return [...this.awaited].some((commandId) => !this.mailbox.outcomeOf(commandId));
  }
}
