import { CancellationScope } from '@temporalio/workflow';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { EffectResult, PendingEffect } from '#libs/entity/protocol/entity-messages.js';
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
  /** Of those that run, withdrawn ones included. */
  private readonly scopes = new Map<string, CancellationScope>();
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

  /** Ends the tries of all that have one of these keys. An attempt that is under way comes to its end, and is told of. */
  withdraw(keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const effect of [...this.pending.values()].filter(({ key }) => keys.includes(key))) {
      this.forget(effect);
      const index = this.waiting.indexOf(effect);
      if (index >= 0) this.waiting.splice(index, 1);
      this.scopes.get(effect.id)?.cancel();
    }
  }

  get isEmpty(): boolean {
    return this.pending.size === 0 && this.scopes.size === 0;
  }

  /** Whether an attempt of a withdrawn effect is under way: the next run would not know of it. */
  get isWithdrawing(): boolean {
    return [...this.scopes.keys()].some((id) => !this.pending.has(id));
  }

  /** What has to cross to the next run. */
  carry(): readonly PendingEffect[] {
    return [...this.pending.values()];
  }

  private async runNext(): Promise<void> {
    this.running += 1;
    for (let effect = this.waiting.shift(); effect; effect = this.waiting.shift()) {
      try {
        const { reply } = await this.start(effect);
        this.forget(effect);
        if (reply) this.deliver(reply);
      } catch (error) {
        if (this.pending.has(effect.id)) throw error;
      } finally {
        this.scopes.delete(effect.id);
      }
    }
    this.running -= 1;
  }

  /** The promise is the activity's own, not that of the scope, which would take longer: histories are replayed step by step. */
  private start(effect: PendingEffect): Promise<EffectResult> {
    const scope = new CancellationScope();
    this.scopes.set(effect.id, scope);
    let result!: Promise<EffectResult>;
    scope.run(async () => (result = runEffect({ stream: this.stream, effect }))).catch(() => undefined);
    return result;
  }

  private forget(effect: PendingEffect): void {
    if (this.pending.delete(effect.id)) this.bytes -= jsonBytes(effect);
  }
}
