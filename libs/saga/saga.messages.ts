import type { EffectOutcome } from '#libs/decider/effect.js';
import type { JsonObject } from '#libs/decider/json.js';
import type { Timestamp } from '#libs/decider/timestamp.js';
import type { SagaCause } from './saga.js';

type CommandOf<Type extends string, Data> = {
  readonly type: Type;
  readonly data: Data;
  readonly at: Timestamp;
};
type EventOf<Type extends string, Data> = { readonly type: Type; readonly data: Data };

/** What a saga is told. `Start`, `RecordStep` and `TimeOut` come from inside. */
export type SagaCommand<Input extends JsonObject = JsonObject> =
  | (CommandOf<'Start', Input> & { readonly entityId?: string })
  | CommandOf<'Cancel', { readonly reason: string }>
  | CommandOf<'TimeOut', Record<string, never>>
  | CommandOf<'RecordStep', EffectOutcome>
  | CommandOf<'RetryStep', { readonly step: string }>
  | CommandOf<'ResolveStep', { readonly step: string; readonly note: string }>;

type StepRefusal = SagaCause & { readonly step: string; readonly attempts: number };

/** What a saga's stream says. */
export type SagaEvent<Input extends JsonObject = JsonObject> =
  | EventOf<
      'SagaStarted',
      { readonly id: string; readonly input: Input; readonly at: Timestamp; readonly deadline: Timestamp }
    >
  | EventOf<'StepStarted', { readonly step: string; readonly at: Timestamp }>
  | EventOf<'StepSucceeded', { readonly step: string; readonly attempts: number; readonly at: Timestamp }>
  | EventOf<'StepRefused', StepRefusal & { readonly at: Timestamp }>
  | EventOf<'CompensationBegun', { readonly cause: SagaCause; readonly at: Timestamp }>
  | EventOf<'CompensationStarted', { readonly step: string; readonly at: Timestamp }>
  | EventOf<'StepCompensated', { readonly step: string; readonly attempts: number; readonly at: Timestamp }>
  | EventOf<'StepStuck', StepRefusal & { readonly at: Timestamp }>
  | EventOf<'StepRetried', { readonly step: string; readonly at: Timestamp }>
  | EventOf<'StepResolved', { readonly step: string; readonly note: string; readonly at: Timestamp }>
  | EventOf<'SagaCompleted', { readonly at: Timestamp }>
  | EventOf<'SagaCompensated', { readonly cause: SagaCause; readonly at: Timestamp }>;

/** Whether a saga has ended, by the type of its last event: nothing is written after the end. */
export function hasEndedBy(type: string): boolean {
  return type === 'SagaCompleted' || type === 'SagaCompensated';
}
