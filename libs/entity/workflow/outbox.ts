import { CancellationScope } from '@temporalio/workflow';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import type { EffectRequest, EffectResult, EffectTry } from '#libs/entity/protocol/activity-messages.js';
import type { PendingEffect } from '#libs/entity/protocol/entity-messages.js';
import { runEffect, tryEffect } from './entity-activities.proxy.js';
import { turns } from './turns.js';

/** Effects that run at the same time; the others wait. */
const CONCURRENCY = 20;

/**
 * Attempts in a row within workflow tasks. No message reaches the entity during a workflow task, so
 * then one effect is run outside of it.
 */
const TRIES_IN_A_ROW = 8;

/**
 * The effects of an entity that are not known to be done. They run concurrently with the loop, so
 * that none of them delays a command. An effect that is not finished when a run ends is started
 * again by the next run under the same id.
 */
export class Outbox {
  private readonly pending = new Map<string, PendingEffect>();
  private readonly waiting: PendingEffect[] = [];
  /** The scopes of running effects, including withdrawn ones. */
  private readonly scopes = new Map<string, CancellationScope>();
  /** The effects that others follow, by the ids of those others. */
  private readonly followed = new Map<string, readonly string[]>();
  /** The size of all pending effects as JSON. */
  bytes = 0;
  /** Whether effects are tried within workflow tasks first. */
  triesEffects = false;
  private running = 0;
  private triesInARow = 0;

  constructor(
    private readonly stream: string,
    /** Admits the reply to an effect. */
    private readonly deliver: (reply: CommandEnvelope) => void,
    /** Whether nobody waits for this entity, so that it can wait for another. */
    private readonly isIdle: () => boolean,
  ) {}

  add(effects: readonly PendingEffect[]): void {
    for (const effect of effects) {
      if (this.pending.has(effect.id)) continue;
      this.noteFollowed(effect);
      this.pending.set(effect.id, effect);
      this.waiting.push(effect);
      this.bytes += jsonBytes(effect);
    }
    while (this.running < CONCURRENCY && this.nextIndex() >= 0) void this.runNext();
  }

  /**
   * Stops retrying the effects with these keys. An attempt under way is left to finish, and its
   * reply is still delivered.
   */
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

  /** Whether an attempt of a withdrawn effect is under way. The next run would not know of it. */
  get isWithdrawing(): boolean {
    return [...this.scopes.keys()].some((id) => !this.pending.has(id));
  }

  /** What the next run needs. */
  carry(): readonly PendingEffect[] {
    return [...this.pending.values()];
  }

  private async runNext(): Promise<void> {
    this.running += 1;
    for (let effect = this.takeNext(); effect; effect = this.takeNext()) {
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

  /**
   * Returns the promise of the activity itself. The promise of the scope resolves some microtasks
   * later, which would break replays.
   */
  private start(effect: PendingEffect): Promise<EffectResult> {
    const scope = new CancellationScope();
    this.scopes.set(effect.id, scope);
    let result!: Promise<EffectResult>;
    scope.run(async () => (result = this.attempt(effect))).catch(() => undefined);
    return result;
  }

  private attempt(effect: PendingEffect): Promise<EffectResult> {
    const request = { stream: this.stream, effect };
    // Calls may take long, and have a task queue with limits of its own.
    const isTried = this.triesEffects && effect.action.kind === 'send' && this.isIdle();
    return isTried ? this.tryThenRun(request) : this.run(request);
  }

  private async tryThenRun(request: EffectRequest): Promise<EffectResult> {
    const { result, wasTried, wasSlow } = await turns.take(() => this.tryOnce(request));
    if (wasSlow) this.triesInARow = TRIES_IN_A_ROW;
    return result ?? this.run({ ...request, ...(wasTried && { wasTried }) });
  }

  private async tryOnce(request: EffectRequest): Promise<EffectTry> {
    if (this.triesInARow >= TRIES_IN_A_ROW) return {};
    this.triesInARow += 1;
    return tryEffect(request);
  }

  private run(request: EffectRequest): Promise<EffectResult> {
    const result = runEffect(request);
    // Its result arrives with another workflow task.
    const reset = () => (this.triesInARow = 0);
    result.then(reset, reset);
    return result;
  }

  /** An attempt under way of an effect that was withdrawn counts, too. */
  private noteFollowed({ id, follows }: PendingEffect): void {
    if (follows === undefined) return;
    const earlier = [...this.pending.keys(), ...this.scopes.keys()];
    this.followed.set(
      id,
      earlier.filter((one) => one.endsWith(`/${follows}`)),
    );
  }

  /** The first that waits for no other effect. */
  private nextIndex(): number {
    const isUnderWay = (id: string) => this.pending.has(id) || this.scopes.has(id);
    return this.waiting.findIndex(({ id }) => !this.followed.get(id)?.some(isUnderWay));
  }

  private takeNext(): PendingEffect | undefined {
    const index = this.nextIndex();
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0];
  }

  private forget(effect: PendingEffect): void {
    this.followed.delete(effect.id);
    if (this.pending.delete(effect.id)) this.bytes -= jsonBytes(effect);
  }
}
