import { pino } from 'pino';
import type { AnyDecider } from '#libs/core/decider.js';
import type { Action } from '#libs/core/effect.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import { toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import { emptyFold } from '#libs/entity/activities/fold-stream.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import { runEffect } from '#libs/entity/activities/run-effect.js';
import type { EntityActivities } from '#libs/entity/protocol/activity-messages.js';
import type { Fold, PendingEffect } from '#libs/entity/protocol/entity-messages.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';

/** A fault of one attempt of an effect, in addition to what the participant does itself. */
export type Fault = 'lost before' | 'lost after' | 'refused';

export type FaultOf = (key: string, attempt: number, action: Action) => Fault | undefined;

interface Waiting {
  readonly stream: string;
  readonly effect: PendingEffect;
  readonly attempt: number;
}

/**
 * Entities of several services in one process, on the real activities and a store in memory:
 * commands, effects and replies as on the stack, in an order chosen by `random`, with faults where
 * a test wants them.
 */
export class World {
  readonly refusals: string[] = [];
  private readonly store = new MemoryEventStore();
  private readonly activities: ReadonlyMap<string, EntityActivities>;
  private readonly folds = new Map<string, Fold>();
  private readonly outcomes = new Map<string, Outcome>();
  private waiting: Waiting[] = [];
  private sent = 0;
  private now = toMilliseconds(moment());

  constructor(
    private readonly deciders: Readonly<Record<string, AnyDecider>>,
    private readonly calls: Readonly<Record<string, Call>>,
    private readonly random: () => number,
    /** Called before each attempt of an effect. */
    private readonly faultOf: FaultOf = () => undefined,
  ) {
    const logger = pino({ level: 'silent' });
    this.activities = new Map(
      Object.entries(deciders).map(([category, decider]) => [
        category,
        createEntityActivities({ decider, store: this.store, logger }),
      ]),
    );
  }

  state(category: string, id: string): JsonObject {
    return this.foldOf(streamName(category, id)).state;
  }

  /** Everything that any entity has written, stream by stream. */
  get events(): readonly RecordedEvent[] {
    return [...this.folds.keys()].flatMap((stream) => this.store.eventsOf(stream));
  }

  /** A command of a client: one that may use only what it owns, if it is named. */
  tell(category: string, id: string, type: string, data: JsonObject, onlyFor?: string): Promise<Outcome> {
    this.sent += 1;
    const commandId = `command-${this.sent}`;
    return this.execute(streamName(category, id), {
      commandId,
      type,
      data,
      actor: onlyFor ?? 'test',
      ...(onlyFor !== undefined && { onlyFor }),
      correlationId: commandId,
      causationId: commandId,
      sentAt: toTimestamp(this.now),
    });
  }

  /** Lets time pass, and fires every deadline that is due. */
  async pass(seconds: number): Promise<void> {
    this.now += seconds * 1_000;
    for (const [stream, fold] of this.folds) await this.decide(stream, fold, [], toTimestamp(this.now));
  }

  /** Executes one pending effect, if there is any. */
  async step(): Promise<boolean> {
    const free = this.waiting.filter((one) => !this.isHeld(one));
    const next = free[Math.floor(this.random() * free.length)];
    if (!next) return false;
    this.waiting.splice(this.waiting.indexOf(next), 1);
    const { stream, effect, attempt } = next;
    try {
      const { reply } = await this.attempt(next);
      if (reply) await this.execute(stream, { ...reply, sentAt: toTimestamp(this.now) });
    } catch {
      this.waiting.push({ stream, effect, attempt: attempt + 1 });
    }
    return true;
  }

  /** Executes effects until none is pending. */
  async settle(): Promise<void> {
    for (let count = 0; await this.step(); count += 1) {
      if (count > 20_000) throw new Error('the world does not come to rest');
    }
  }

  /**
   * Forgets everything of an entity except its stream, as when its workflow is terminated, and
   * reloads it.
   */
  async lose(category: string, id: string): Promise<void> {
    const stream = streamName(category, id);
    this.waiting = this.waiting.filter((one) => one.stream !== stream);
    this.folds.delete(stream);
    const loaded = await this.activitiesOf(stream).loadEntity({ stream, now: toTimestamp(this.now) });
    if (loaded.fold) this.folds.set(stream, loaded.fold);
    this.enqueue(stream, loaded.effects);
  }

  /** Whether an effect follows another one that was not tried to its end. */
  private isHeld({ stream, effect: { id, follows } }: Waiting): boolean {
    if (follows === undefined) return false;
    return this.waiting.some((one) => {
      return one.stream === stream && one.effect.key === follows && one.effect.id !== id;
    });
  }

  private async attempt({ stream, effect, attempt }: Waiting) {
    const fault = this.faultOf(effect.key, attempt, effect.action);
    if (fault === 'lost before') throw new Error('nobody was asked');
    const { action } = effect;
    const refuse = (): never => {
      this.refusals.push(effect.key);
      throw new EffectRefusedError('TEST.REFUSED', 'by the test');
    };
    const outside = {
      logger: pino({ level: 'silent' }),
      sender: {
        execute: async (target: string, envelopes: readonly CommandEnvelope[]) => {
          if (fault === 'refused') return refuse();
          const sentAt = toTimestamp(this.now);
          return Promise.all(envelopes.map((envelope) => this.execute(target, { ...envelope, sentAt })));
        },
      },
      calls: fault === 'refused' && action.kind === 'call' ? { [action.call]: refuse } : this.calls,
    };
    const result = await runEffect(outside, { stream, effect }, attempt);
    if (fault === 'lost after') throw new Error('the answer was lost');
    return result;
  }

  private async execute(stream: string, envelope: CommandEnvelope): Promise<Outcome> {
    const known = this.outcomes.get(envelope.commandId);
    if (known) return known;
    const [outcome] = await this.decide(stream, this.foldOf(stream), [envelope]);
    if (!outcome) throw new Error('nothing was decided');
    this.outcomes.set(envelope.commandId, outcome);
    return outcome;
  }

  private async decide(stream: string, fold: Fold, batch: readonly CommandEnvelope[], dueBy?: string) {
    const result = await this.activitiesOf(stream).decideAndAppend({
      stream,
      fold,
      batch,
      ...(dueBy !== undefined && { dueBy }),
      searchStream: false,
      now: toTimestamp(this.now),
    });
    const decider = this.deciderOf(stream);
    const state = result.events.reduce(
      (before, event) => decider.evolve(before, event) as JsonObject,
      fold.state,
    );
    const { revision, at, hash } = result;
    this.folds.set(stream, {
      ...fold,
      state,
      revision,
      ...(at !== undefined && { at }),
      ...(hash !== undefined && { hash }),
    });
    const isWithdrawn = ({ effect }: Waiting) => result.withdrawn?.includes(effect.key) === true;
    this.waiting = this.waiting.filter((one) => one.stream !== stream || !isWithdrawn(one));
    this.enqueue(stream, result.effects);
    return result.outcomes;
  }

  private enqueue(stream: string, effects: readonly PendingEffect[] = []): void {
    this.waiting.push(...effects.map((effect) => ({ stream, effect, attempt: 1 })));
  }

  private foldOf(stream: string): Fold {
    return this.folds.get(stream) ?? emptyFold(this.deciderOf(stream));
  }

  private deciderOf(stream: string): AnyDecider {
    return this.deciders[parseStreamName(stream)?.category ?? ''] as AnyDecider;
  }

  private activitiesOf(stream: string): EntityActivities {
    return this.activities.get(parseStreamName(stream)?.category ?? '') as EntityActivities;
  }
}
