import type { CommandEnvelope } from '#libs/decider/envelope.js';
import { jsonBytes } from '#libs/decider/json-bytes.js';
import type { PendingEffect } from './entity-messages.js';
import { runEffect } from './entity-activities.proxy.js';

/** Effects that run at the same time; the others wait for their turn. */
const CONCURRENCY = 20;

/**
 * The effects of an entity that are not known to be done. They run beside the loop, so that none of them holds up a
 * command; what a run does not see done, the next one does again under the same id.
 */
export class Outbox {
  private readonly pending = new Map<string, PendingEffect>();
  private readonly waiting: PendingEffect[] = [];
  /** Of all that are pending, as JSON. */
  bytes = 0;
  private running = 0;

  constructor(
    private readonly stream: string,
    /** Takes in what the entity is told of an outcome. */
    private readonly deliver: (reply: CommandEnvelope) => void,
  ) {}

  add(effects: readonly PendingEffect[]): void {
    for (const effect of effects) {
      if (this.pending.has(effect.id)) continue;
      this.pending.set(effect.id, effect);
      this.waiting.push(effect);
      this.bytes += jsonBytes(effect);
    }
    while (this.running < CONCURRENCY && this.waiting.length > 0) void this.runNext();
  }

  get isEmpty(): boolean {
    return this.pending.size === 0;
  }

  /** What has to cross to the next run. */
  carry(): readonly PendingEffect[] {
    return [...this.pending.values()];
  }

  private async runNext(): Promise<void> {
    this.running += 1;
    for (let effect = this.waiting.shift(); effect; effect = this.waiting.shift()) {
      const { reply } = await runEffect({ stream: this.stream, effect });
      this.pending.delete(effect.id);
      this.bytes -= jsonBytes(effect);
      if (reply) this.deliver(reply);
    }
    this.running -= 1;
  }
}
