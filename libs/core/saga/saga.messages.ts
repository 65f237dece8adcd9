import type { EffectOutcome } from '../effect.js';
import type { CallbackOutcome } from '../flow/flow.messages.js';
import type { JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';
import type { SagaCause } from './saga.js';

type CommandOf<Type extends string, Data> = {
  readonly type: Type;
  readonly data: Data;
  readonly at: Timestamp;
};
type EventOf<Type extends string, Data> = { readonly type: Type; readonly data: Data };

/**
 * The decision of a person about a step that waits for one: it was done by hand, or it was not
 * done.
 */
export type Resolution = 'done' | 'not-done';

/** What a saga learns of its start, in addition to its input. */
export type StartFacts = {
  readonly entityId?: string;
  readonly sender?: string;
  readonly actor?: string;
  readonly onlyFor?: string;
};

/** The caller that started a saga, and whether it could only because of what it owns. */
type Starter = { readonly startedBy?: string; readonly asOwner?: true };

/**
 * The outcome of a step. An approval or a flow that answers adds why it was refused, or has failed.
 */
export type StepOutcome = EffectOutcome & {
  readonly approval?: { readonly reason?: string };
  readonly flow?: { readonly code?: string; readonly detail?: string };
};

/** What was reported to the callback address of a step. The place begins with the saga's stream. */
export type CallbackEnd = { readonly place: string; readonly outcome: CallbackOutcome };

/**
 * The commands of a saga. `Start`, `RecordStep`, `EndCallback`, `NoteOverdueStep`,
 * `NoteWaitingStep` and `TimeOut` are internal.
 */
export type SagaCommand<Input extends JsonObject = JsonObject> =
  | (CommandOf<'Start', Input> & StartFacts)
  | CommandOf<'Cancel', { readonly reason: string }>
  | CommandOf<'TimeOut', Record<string, never>>
  | (CommandOf<'RecordStep', StepOutcome> & { readonly sender?: string })
  | CommandOf<'EndCallback', CallbackEnd>
  | CommandOf<'NoteOverdueStep', { readonly step: string }>
  | (CommandOf<'NoteWaitingStep', { readonly step: string }> & { readonly sender?: string })
  | CommandOf<'RetryStep', { readonly step: string }>
  | CommandOf<'ResolveStep', { readonly step: string; readonly note: string; readonly outcome?: Resolution }>;

type StepRefusal = SagaCause & { readonly step: string; readonly attempts: number };

/** The events of a saga. */
export type SagaEvent<Input extends JsonObject = JsonObject> =
  | EventOf<
      'SagaStarted',
      Starter & {
        readonly id: string;
        readonly input: Input;
        readonly at: Timestamp;
        readonly deadline: Timestamp;
      }
    >
  | EventOf<'StepStarted', { readonly step: string; readonly at: Timestamp }>
  | EventOf<'StepSucceeded', { readonly step: string; readonly attempts: number; readonly at: Timestamp }>
  | EventOf<'StepRefused', StepRefusal & { readonly at: Timestamp }>
  | EventOf<'CompensationBegun', { readonly cause: SagaCause; readonly at: Timestamp }>
  | EventOf<'CompensationStarted', { readonly step: string; readonly at: Timestamp }>
  | EventOf<'StepCompensated', { readonly step: string; readonly attempts: number; readonly at: Timestamp }>
  | EventOf<'StepStuck', StepRefusal & { readonly at: Timestamp }>
  | EventOf<'StepRetried', { readonly step: string; readonly at: Timestamp }>
  | EventOf<'StepWaiting', { readonly step: string; readonly at: Timestamp }>
  | EventOf<'StepOverdue', { readonly step: string; readonly at: Timestamp }>
  | EventOf<
      'StepResolved',
      { readonly step: string; readonly note: string; readonly outcome?: Resolution; readonly at: Timestamp }
    >
  | EventOf<
      'StepSucceededLate',
      {
        readonly step: string;
        readonly part: 'action' | 'compensation';
        readonly attempts: number;
        readonly at: Timestamp;
      }
    >
  | EventOf<'SagaCompleted', { readonly at: Timestamp }>
  | EventOf<'SagaCompensated', { readonly cause: SagaCause; readonly at: Timestamp }>;

/**
 * Whether a saga has ended, judging by the type of its last event; undefined if the event before it
 * decides. Only two kinds of events follow the end: a step succeeded late, and a person has dealt
 * with that.
 */
export function hasEndedBy(type: string): boolean | undefined {
  if (type === 'SagaCompleted' || type === 'SagaCompensated') return true;
  return type === 'StepSucceededLate' || type === 'StepResolved' ? undefined : false;
}
