import type { Deadline, Decider, Folding } from '../decider.js';
import type { Action, Effect } from '../effect.js';
import type { JsonObject } from '../json.js';
import { toMilliseconds, toTimestamp } from '../timestamp.js';
import { OVERDUE_SECONDS, type SagaDefinition } from './saga.js';
import { decideSaga } from './saga.decide.js';
import { evolveSaga } from './saga.evolve.js';
import type { SagaCommand, SagaEvent } from './saga.messages.js';
import { isPastReturn, stepNamed } from './saga.progress.js';
import { findStep, notStarted, type SagaState, type StepState } from './saga.state.js';

/**
 * How the events of a saga are folded: the same for every saga, whatever its stages and settings.
 */
export function sagaFolding<Input extends JsonObject>({
  name,
  stateVersion,
}: Pick<SagaDefinition<Input>, 'name' | 'stateVersion'>): Folding<SagaState<Input>, SagaEvent<Input>> {
  return { name, stateVersion, initialState: notStarted, evolve: evolveSaga };
}

/** The decider of the entity that runs a saga. */
export function sagaDecider<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
): Decider<SagaState<Input>, SagaCommand<Input>, SagaEvent<Input>> {
  return {
    ...sagaFolding(saga),
    decide: (command, state) => decideSaga(saga, command, state),
    deadline: (state) => deadlineOf(saga, state),
    owner: ({ input, startedBy }) => input && saga.owner?.(input, startedBy),
    react: (event, state) => effectsOf(saga, event, state),
    withdraws: (event, state) => withdrawnBy(event, state),
  };
}

/**
 * The effect of a step that a person has resolved; none if the person has only dealt with a late
 * success.
 */
function withdrawnBy<Input extends JsonObject>(
  event: SagaEvent<Input>,
  state: SagaState<Input>,
): readonly string[] {
  if (event.type !== 'StepResolved') return [];
  const { step: name } = event.data;
  const step = findStep(state, name);
  return step && isUnderWay(step) ? [] : [name];
}

function deadlineOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
): Deadline | undefined {
  const { status, deadline: at } = state;
  const overdue = nextOverdue(saga, state);
  if (status !== 'running' || at === undefined || isPastReturn(saga, state)) return overdue;
  if (overdue && overdue.at < at) return overdue;
  return { at, subject: 'saga', command: { type: 'TimeOut', data: {} } };
}

/** The next time at which a step becomes overdue. */
function nextOverdue<Input extends JsonObject>(
  { overdueSeconds = OVERDUE_SECONDS }: SagaDefinition<Input>,
  { steps }: SagaState<Input>,
): Deadline | undefined {
  const awaited = steps.filter((step) => isUnderWay(step) && step.overdueAt === undefined);
  const [first] = awaited.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  if (!first) return undefined;
  const at = toTimestamp(toMilliseconds(first.at) + overdueSeconds * 1_000);
  return { at, subject: first.name, command: { type: 'NoteOverdueStep', data: { step: first.name } } };
}

function isUnderWay({ status }: StepState): boolean {
  return status === 'running' || status === 'undoing';
}

/** The action or compensation of a step that was just started or retried. */
function effectsOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  event: SagaEvent<Input>,
  state: SagaState<Input>,
): readonly Effect[] {
  if (!['StepStarted', 'CompensationStarted', 'StepRetried'].includes(event.type)) return [];
  const { step: name } = event.data as { step: string };
  const action = actionOf(saga, state, name);
  const echo = findStep(state, name)?.status === 'undoing' ? 'undo' : 'do';
  return action ? [{ key: name, action, reply: 'RecordStep', echo }] : [];
}

function actionOf<Input extends JsonObject>(
  saga: SagaDefinition<Input>,
  state: SagaState<Input>,
  name: string,
): Action | undefined {
  const step = stepNamed(saga, state, name);
  const isForwards = findStep(state, name)?.status !== 'undoing';
  const cause = state.cause ?? { code: 'SAGA.CANCELLED', detail: '' };
  const action = isForwards ? step?.action : step?.compensation?.(cause);
  const { startedBy: onlyFor, asOwner } = state;
  if (action?.kind !== 'send' || !step?.onlyForStarter || !asOwner || onlyFor === undefined) return action;
  return { ...action, onlyFor };
}
