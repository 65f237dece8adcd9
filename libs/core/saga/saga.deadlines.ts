import type { Deadline } from '../decider.js';
import type { JsonObject } from '../json.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '../timestamp.js';
import { OVERDUE_SECONDS, type SagaDefinition } from './saga.js';
import { actionOf, isPastReturn, stepNamed } from './saga.progress.js';
import { isUnderWay, isUndoing, type SagaState, type StepState } from './saga.state.js';

/**
 * When the saga gives up, or its next step becomes overdue. It does not give up while a step is
 * known to wait.
 */
export function sagaDeadline<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
): Deadline | undefined {
  const { status, deadline: at } = state;
  const overdue = nextOverdue(saga, state);
  const isWaiting = state.steps.some((step) => isUnderWay(step) && step.waitingSince !== undefined);
  if (status !== 'running' || at === undefined || isWaiting || isPastReturn(saga, state)) return overdue;
  if (overdue && overdue.at < at) return overdue;
  return { at, subject: 'saga', command: { type: 'TimeOut', data: {} } };
}

/** The next time at which a step becomes overdue. */
function nextOverdue<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
): Deadline | undefined {
  const [first] = state.steps
    .filter((step) => isUnderWay(step) && step.overdueAt === undefined)
    .map((step) => ({
      step: step.name,
      at: toTimestamp(toMilliseconds(step.at) + limitOf(saga, state, step) * 1_000),
    }))
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  if (!first) return undefined;
  const { step, at } = first;
  return { at, subject: step, command: { type: 'NoteOverdueStep', data: { step } } };
}

/** The seconds that a step may take. */
function limitOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  step: StepState,
): number {
  const { overdueSeconds = OVERDUE_SECONDS } = saga;
  const { answer } = actionOf(saga, state, step.name, isUndoing(step) ? 'undo' : 'do') ?? {};
  const isLater = answer === 'later' || (answer !== undefined && step.waitingSince !== undefined);
  return isLater ? answerSecondsOf(saga, state, step) : overdueSeconds;
}

function answerSecondsOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  { name }: StepState,
): number {
  return stepNamed(saga, state, name)?.answerSeconds ?? saga.overdueSeconds ?? OVERDUE_SECONDS;
}

/** Until when the target of a step may answer later. */
export function answerBy<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  step: StepState,
): Timestamp {
  return toTimestamp(toMilliseconds(step.at) + answerSecondsOf(saga, state, step) * 1_000);
}
