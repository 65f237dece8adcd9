import { expect } from '@jest/globals';
import { pino } from 'pino';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { Command, Decider, DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Outcome } from '#libs/core/outcome.js';
import { createEntityActivities } from '#libs/entity/activities/entity.activities.js';
import { emptyFold, foldOnwards } from '#libs/entity/activities/fold-stream.js';
import type { EntityActivities } from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { envelopeOf, type TestCommand } from './command-envelope.builder.js';
import { MemoryEventStore } from './memory-event-store.js';
import { moment } from './moments.js';

/** A step of an entity in a property test: some time passes, then it receives a command. */
export interface LifeStep {
  /** A function is called once the steps before it have been decided, as far as they are. */
  readonly command: TestCommand | (() => TestCommand);
  /** Whether the commands since the last batch are decided now. */
  readonly endsBatch: boolean;
  /** Whether due deadlines expire now even without a command. */
  readonly ringsAlarm: boolean;
}

/**
 * An entity that runs through the real activities, and folds what they return as the workflow does.
 */
export class LivingEntity<State, C extends Command, E extends DomainEvent> {
  readonly outcomes: Outcome[] = [];
  fold: Fold;
  private readonly store = new MemoryEventStore();
  private readonly stream: string;
  private readonly activities: EntityActivities;

  constructor(
    private readonly decider: Decider<State, C, E>,
    /** Receives every state, after each event. */
    private readonly look: (state: State, event: E) => void,
  ) {
    this.fold = emptyFold(decider);
    this.stream = streamName(decider.name, 'any');
    this.activities = createEntityActivities({
      decider,
      store: this.store,
      logger: pino({ level: 'silent' }),
    });
  }

  /** Everything in its stream. */
  get events(): readonly RecordedEvent[] {
    return this.store.eventsOf(this.stream);
  }

  get state(): State {
    return this.fold.state as State;
  }

  /** Runs the steps. Each command has its own id. */
  async live(steps: readonly LifeStep[]): Promise<void> {
    let batch: CommandEnvelope[] = [];
    let now = moment();
    for (const [index, { command, endsBatch, ringsAlarm }] of steps.entries()) {
      const sent = typeof command === 'function' ? command() : command;
      now = sent.at ?? moment();
      batch.push(envelopeOf(sent, `command ${index}`));
      if (!endsBatch) continue;
      await this.decide(batch, now, ringsAlarm);
      batch = [];
    }
    await this.decide(batch, now, false);
  }

  /**
   * Expects that a command which is only for what `stranger` owns is answered as by an entity
   * without events, or with `ENTITY.NOT_FOUND` if that would accept it, and writes nothing.
   */
  async expectHiddenFrom(
    stranger: string,
    command: TestCommand,
    options?: Parameters<typeof envelopeOf>[2],
  ): Promise<void> {
    const { events } = this;
    const envelope = { ...envelopeOf(command, `of ${stranger}`, options), onlyFor: stranger };
    const onNothing = await new LivingEntity(this.decider, () => undefined).outcomeOf(envelope);
    const notFound = { status: 'rejected', code: 'ENTITY.NOT_FOUND', revision: -1 };
    const outcome = await this.outcomeOf(envelope);
    if (onNothing.status === 'accepted') expect(outcome).toMatchObject(notFound);
    else expect(outcome).toEqual(onNothing);
    expect(this.events).toEqual(events);
  }

  /**
   * Expects an outcome for each of so many commands, and only codes and events that the contract
   * describes.
   */
  expectInWordsOf({ events, rejections }: EntityContract, commands: number): void {
    expect(new Set(this.outcomes.map(({ commandId }) => commandId)).size).toBe(commands);
    for (const outcome of this.outcomes) {
      if (outcome.status !== 'accepted') expect(Object.keys(rejections)).toContain(outcome.code);
    }
    for (const { type, data } of this.events) expect(events[type]?.schema.parse(data)).toEqual(data);
  }

  /** The outcome of one more command, without the time of the attempt, which is never the same. */
  private async outcomeOf(envelope: CommandEnvelope): Promise<Outcome> {
    await this.decide([envelope], envelope.sentAt, false);
    const { decidedAt: _, ...outcome } = this.outcomes.at(-1) as Outcome & { decidedAt?: string };
    return outcome;
  }

  /** The state folded from the stream alone. */
  refold(): Promise<Fold> {
    return foldOnwards(this.decider, this.store, this.stream, emptyFold(this.decider));
  }

  private async decide(batch: readonly CommandEnvelope[], now: string, ringsAlarm: boolean): Promise<void> {
    const { stream, fold } = this;
    const result = await this.activities.decideAndAppend({
      stream,
      fold,
      batch,
      now,
      searchStream: false,
      ...(ringsAlarm && { dueBy: now }),
    });
    const state = (result.events as readonly E[]).reduce((before, event) => {
      const after = this.decider.evolve(before, event);
      this.look(after, event);
      return after;
    }, this.state);
    const { revision, at, hash } = result;
    this.fold = {
      ...fold,
      revision,
      state: state as JsonObject,
      ...(at !== undefined && { at }),
      ...(hash !== undefined && { hash }),
    };
    this.outcomes.push(...result.outcomes);
  }
}
