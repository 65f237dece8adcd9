import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DomainEvent } from '#libs/decider/decider.js';
import type { Action, Effect, EffectOutcome } from '#libs/decider/effect.js';
import { isRejection } from '#libs/decider/rejection.js';
import { toTimestamp } from '#libs/decider/timestamp.js';
import type { SagaDefinition, SagaStep } from './saga.js';
import { sagaDecider } from './saga.decider.js';
import type { SagaCommand } from './saga.messages.js';
import type { SagaState } from './saga.state.js';

const at = toTimestamp(0);

/** A step that acts on a thing of its own; what undoes it is named after it. */
function step(name: string, more: Partial<SagaStep> = {}): SagaStep {
  const send = (type: string) => ({
    kind: 'send' as const,
    to: { category: 'thing', id: name },
    command: { type, data: {} },
  });
  return { name, action: send('Do'), compensation: () => send('Undo'), ...more };
}

const trip: SagaDefinition<Record<string, never>> = {
  name: 'trip',
  stateVersion: 1,
  patienceSeconds: 60,
  stages: () => [
    [step('flight'), step('hotel')],
    [step('pay')],
    [step('ticket', { pointOfNoReturn: true })],
    [{ name: 'mail', action: step('mail').action as Action }],
  ],
};
const decider = sagaDecider(trip);

/** A saga that lives: effects wait here until the test says what came of them. */
class Living {
  state: SagaState<Record<string, never>> = decider.initialState;
  readonly events: DomainEvent[] = [];
  readonly effects = new Map<string, Effect>();

  tell(type: string, data: object = {}): string | undefined {
    const command = { type, data, at, entityId: 't-1' } as unknown as SagaCommand<Record<string, never>>;
    const decided = decider.decide(command, this.state);
    if (isRejection(decided)) return decided.code;
    for (const event of decided) {
      this.state = decider.evolve(this.state, event);
      this.events.push(event);
      for (const effect of decider.react?.(event, this.state, 't-1') ?? []) {
        this.effects.set(effect.key, effect);
      }
    }
    return undefined;
  }

  /** What is under way, as `Do flight`. */
  get underWay(): string[] {
    return [...this.effects.values()].map(({ key, action }) =>
      action.kind === 'send' ? `${action.command.type} ${key}` : key,
    );
  }

  done(...keys: string[]): void {
    for (const key of keys) this.record({ key, status: 'done', attempts: 1, result: {} });
  }

  refused(key: string, code = 'THING.NO'): void {
    this.record({ key, status: 'refused', attempts: 1, code, detail: 'no' });
  }

  private record(outcome: EffectOutcome): void {
    this.effects.delete(outcome.key);
    expect(this.tell('RecordStep', outcome)).toBeUndefined();
  }
}

function started(): Living {
  const saga = new Living();
  saga.tell('Start');
  return saga;
}

describe('a saga', () => {
  it('does one stage after the other, the steps of a stage side by side', () => {
    const saga = started();
    expect(saga.underWay).toEqual(['Do flight', 'Do hotel']);
    saga.done('hotel');
    expect(saga.underWay).toEqual(['Do flight']);
    saga.done('flight');
    expect(saga.underWay).toEqual(['Do pay']);
    saga.done('pay');
    saga.done('ticket');
    saga.done('mail');
    expect(saga.state.status).toBe('completed');
  });

  it('undoes what was done when a step is refused, the last first', () => {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.refused('pay', 'MONEY.LACKING');
    expect(saga.state).toMatchObject({ status: 'compensating', cause: { code: 'MONEY.LACKING' } });
    expect(saga.underWay).toEqual(['Undo flight', 'Undo hotel']);
    saga.done('flight', 'hotel');
    expect(saga.state.status).toBe('compensated');
  });

  it('waits for what is under way before it undoes anything, and undoes that too', () => {
    const saga = started();
    saga.refused('flight');
    expect(saga.underWay).toEqual(['Do hotel']);
    saga.done('hotel');
    expect(saga.underWay).toEqual(['Undo hotel']);
  });

  it('undoes nothing of a command that was rejected', () => {
    const saga = started();
    saga.refused('flight');
    saga.refused('hotel');
    expect(saga.state.status).toBe('compensated');
    expect(saga.events.some(({ type }) => type === 'CompensationStarted')).toBe(false);
  });

  it('is cancelled on request until its point of no return', () => {
    const early = started();
    expect(early.tell('Cancel', { reason: 'changed my mind' })).toBeUndefined();
    early.done('flight', 'hotel');
    early.done('flight', 'hotel');
    expect(early.state).toMatchObject({ status: 'compensated', cause: { code: 'SAGA.CANCELLED' } });

    const late = started();
    late.done('flight', 'hotel');
    late.done('pay');
    expect(late.tell('Cancel', { reason: 'changed my mind' })).toBe('SAGA.TOO_LATE');
    expect(decider.deadline?.(late.state)).toBeUndefined();
  });

  it('gives up at its deadline', () => {
    const saga = started();
    expect(decider.deadline?.(saga.state)).toMatchObject({
      at: toTimestamp(60_000),
      command: { type: 'TimeOut' },
    });
    saga.tell('TimeOut');
    saga.done('flight', 'hotel');
    saga.done('flight', 'hotel');
    expect(saga.state).toMatchObject({ status: 'compensated', cause: { code: 'SAGA.TIMED_OUT' } });
  });

  it('turns a compensation that is refused into work for people, and goes on when they have seen to it', () => {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.refused('pay');
    saga.refused('hotel', 'THING.BROKEN');
    saga.done('flight');
    expect(saga.state).toMatchObject({ status: 'compensating' });
    expect(saga.tell('RetryStep', { step: 'flight' })).toBe('SAGA.STEP_NOT_STUCK');
    saga.tell('RetryStep', { step: 'hotel' });
    expect(saga.underWay).toEqual(['Undo hotel']);
    saga.refused('hotel', 'THING.BROKEN');
    saga.tell('ResolveStep', { step: 'hotel', note: 'called them' });
    expect(saga.state.status).toBe('compensated');
  });

  it('turns a refusal after the point of no return into work for people', () => {
    const saga = started();
    saga.done('flight', 'hotel');
    saga.done('pay');
    saga.done('ticket');
    saga.refused('mail');
    expect(saga.state.status).toBe('running');
    saga.tell('RetryStep', { step: 'mail' });
    expect(saga.underWay).toEqual(['Do mail']);
    saga.done('mail');
    expect(saga.state.status).toBe('completed');
  });

  it('ends whatever comes, completed or with all undone that was done', () => {
    const choice = fc.record({
      pick: fc.nat(10),
      isRefused: fc.boolean(),
      cancels: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    });
    fc.assert(
      fc.property(fc.array(choice, { minLength: 60, maxLength: 60 }), (choices) => {
        const saga = started();
        const effective = new Set<string>();
        for (const { pick, isRefused, cancels } of choices) {
          if (cancels) saga.tell('Cancel', { reason: 'chance' });
          for (const stuck of saga.state.steps.filter(({ status }) => status === 'stuck')) {
            saga.tell('RetryStep', { step: stuck.name });
          }
          const all = [...saga.effects.values()];
          const effect = all[pick % Math.max(1, all.length)];
          if (!effect || effect.action.kind !== 'send') continue;
          if (isRefused) {
            saga.refused(effect.key);
            continue;
          }
          if (effect.action.command.type === 'Do') effective.add(effect.key);
          else effective.delete(effect.key);
          saga.done(effect.key);
        }
        if (saga.state.status === 'completed') expect(effective.size).toBe(5);
        if (saga.state.status === 'compensated') expect([...effective]).toEqual([]);
      }),
    );
  });
});
