import type { DomainEvent } from '../decider.js';
import type { Action, Effect, EffectOutcome } from '../effect.js';
import { isRejection } from '../rejection.js';
import { toTimestamp } from '../timestamp.js';
import type { SagaDefinition, SagaStep } from './saga.js';
import { sagaDecider } from './saga.decider.js';
import type { SagaCommand } from './saga.messages.js';
import { findStep, type SagaState, type StepState } from './saga.state.js';

export const at = toTimestamp(0);
/** When a step that started with the saga becomes overdue. */
export const overdueAt = toTimestamp(30_000);

/** A step that acts on a thing of its own, with the same name. */
export function step(name: string, more: Partial<SagaStep> = {}): SagaStep {
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
  overdueSeconds: 30,
  stages: () => [
    [step('flight'), step('hotel')],
    [step('pay')],
    [step('ticket', { pointOfNoReturn: true })],
    [{ name: 'mail', action: step('mail').action as Action }],
  ],
};
export const decider = sagaDecider(trip);

/** A running saga. Its effects wait until the test gives their outcomes. */
export class Living {
  state: SagaState<Record<string, never>>;
  readonly events: DomainEvent[] = [];
  now = at;
  readonly effects = new Map<string, Effect>();

  constructor(private readonly rules = decider) {
    this.state = rules.initialState;
  }

  tell(type: string, data: object = {}, sender?: string): string | undefined {
    const { rules } = this;
    const facts = { at: this.now, entityId: 't-1', ...(sender !== undefined && { sender }) };
    const command = { type, data, ...facts } as unknown as SagaCommand<Record<string, never>>;
    const decided = rules.decide(command, this.state);
    if (isRejection(decided)) return decided.code;
    for (const event of decided) {
      this.state = rules.evolve(this.state, event);
      this.events.push(event);
      for (const key of rules.withdraws?.(event, this.state) ?? []) this.effects.delete(key);
      for (const effect of rules.react?.(event, this.state, 't-1') ?? []) {
        this.effects.set(effect.key, effect);
      }
    }
    return undefined;
  }

  /** Sends a command that has to be accepted. */
  private insist(type: string, data: object): void {
    const code = this.tell(type, data);
    if (code !== undefined) throw new Error(`${type} is rejected as ${code}`);
  }

  /** The effects under way, for example `Do flight`. */
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

  /** Meets every deadline up to a time. */
  pass(until: string): void {
    for (;;) {
      const deadline = this.rules.deadline?.(this.state);
      if (!deadline || deadline.at > until) break;
      this.now = deadline.at;
      this.insist(deadline.command.type, deadline.command.data);
    }
    this.now = until;
  }

  step(name: string): StepState | undefined {
    return findStep(this.state, name);
  }

  rejectionOf(type: string, data: object): unknown {
    return this.rules.decide({ type, data, at: this.now } as never, this.state);
  }

  /** Ends an attempt that began before the step was resolved. */
  late(key: string, echo?: 'do' | 'undo'): void {
    const outcome = { key, status: 'done', attempts: 9, result: {}, ...(echo && { echo }) };
    this.insist('RecordStep', outcome);
  }

  private record(outcome: EffectOutcome): void {
    const echo = this.effects.get(outcome.key)?.echo;
    this.effects.delete(outcome.key);
    this.insist('RecordStep', { ...outcome, ...(echo !== undefined && { echo }) });
  }
}

/** A saga that has started. */
export function started(of = decider): Living {
  const saga = new Living(of);
  saga.tell('Start');
  return saga;
}

/** The decision of a person about a step. */
export const said = (step: string, outcome: 'done' | 'not-done') => ({ step, outcome, note: 'asked them' });
