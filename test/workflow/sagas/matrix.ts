import type { Place } from './workers-home.js';

/** `card`: a checkout that is paid by card; `later`: one whose order is fulfilled later. */
export type SagaName = 'checkout' | 'card' | 'later' | 'transfer';
export type Ending = 'completed' | 'compensated';

/** A step of a saga, either its action or its compensation. */
export interface StepOfSaga {
  readonly saga: SagaName;
  readonly step: string;
  readonly isUndoing: boolean;
}

/** Stands for the report to the callback address of the step `fulfil`, as if it were a step. */
export const REPORT = 'report';

/** The steps of each saga in order, and those that are undone once `pivot` is refused. */
const shapes = {
  checkout: {
    steps: ['reserve-1', 'reserve-2', 'hold', 'confirm-1', 'confirm-2', 'fulfil', 'capture', 'complete'],
    pivot: 'fulfil',
    undone: ['fulfil', 'confirm-2', 'confirm-1', 'hold', 'reserve-2', 'reserve-1', 'cart'],
  },
  card: {
    steps: ['reserve-1', 'reserve-2', 'authorise', 'confirm-1', 'confirm-2', 'fulfil', 'capture', 'complete'],
    pivot: 'fulfil',
    undone: ['fulfil', 'confirm-2', 'confirm-1', 'authorise', 'reserve-2', 'reserve-1', 'cart'],
  },
  later: {
    steps: ['reserve-1', 'reserve-2', 'hold', 'confirm-1', 'confirm-2', 'fulfil', 'capture', 'complete'],
    pivot: 'fulfil',
    undone: [],
  },
  transfer: { steps: ['hold', 'deposit', 'capture'], pivot: 'deposit', undone: ['hold'] },
} as const satisfies Record<SagaName, unknown>;

const allSteps: readonly StepOfSaga[] = [
  ...(['checkout', 'transfer'] as const).flatMap((saga) => [
    ...shapes[saga].steps.map((step) => ({ saga, step, isUndoing: false })),
    ...shapes[saga].undone.map((step) => ({ saga, step, isUndoing: true })),
  ]),
  // The other steps are those of any checkout.
  { saga: 'card', step: 'authorise', isUndoing: false },
  { saga: 'card', step: 'capture', isUndoing: false },
  { saga: 'card', step: 'authorise', isUndoing: true },
  { saga: 'later', step: 'fulfil', isUndoing: false },
  { saga: 'later', step: REPORT, isUndoing: false },
];

/** A fault at one of the steps of a saga. */
export interface Fault {
  readonly name: string;
  /** Where the effect of the step is at the time of the fault. */
  readonly place: Place;
  /**
   * What happens to the effect: it is refused once; it is not answered once; it is blocked until it
   * is released.
   */
  readonly kind: 'refuse' | 'silence' | 'stand';
}

const stand = 'stand';

/** One saga each, with the same workers, which stay alive. */
export const alone = {
  timedOut: { name: 'timed out after it was done', place: 'answered', kind: 'silence' },
  refused: { name: 'refused', place: 'asked', kind: 'refuse' },
  cancelled: { name: 'cancelled', place: 'asked', kind: stand },
  cancelledLate: { name: 'cancelled after it was done', place: 'answered', kind: stand },
  terminated: { name: 'terminated before it is done', place: 'asked', kind: stand },
  terminatedLate: { name: 'terminated after it was done', place: 'answered', kind: stand },
  cancelledByTemporal: { name: 'cancelled in Temporal', place: 'asked', kind: stand },
} as const satisfies Record<string, Fault>;

/** The workers die while all these sagas are blocked at the fault. */
export const killed: readonly Fault[] = [
  { name: 'killed before it is sent', place: 'asked', kind: stand },
  { name: 'killed before it is written', place: 'decided', kind: stand },
  { name: 'killed after it was written', place: 'appended', kind: stand },
  { name: 'killed after it was answered', place: 'answered', kind: stand },
  { name: 'killed after it was recorded', place: 'recorded', kind: stand },
];

/** A cell of the matrix. */
export interface Cell extends StepOfSaga {
  readonly fault: Fault;
  readonly ending: Ending;
}

/** The fault at each step where it can occur. */
export function cellsOf(fault: Fault): readonly Cell[] {
  return allSteps
    .filter((step) => canStrike(fault, step))
    .map((step) => ({ ...step, fault, ending: endingOf(fault, step) }));
}

/** Its name in tests. */
export function nameOf({ fault, isUndoing, saga, step }: Cell): string {
  const name = { card: 'checkout by card', later: 'checkout fulfilled later' }[saga as string] ?? saga;
  return `a ${name}, ${fault.name}, at ${isUndoing ? 'the undoing of ' : ''}${step}`;
}

export function isPivot({ saga, step }: StepOfSaga): boolean {
  return shapes[saga].pivot === step || step === REPORT;
}

/** Whether the step can no longer be refused: a refusal would wait for an operator. */
export function waitsForAPerson({ saga, step, isUndoing }: StepOfSaga): boolean {
  const { steps, pivot } = shapes[saga];
  const order: readonly string[] = steps;
  return isUndoing || order.indexOf(step) > order.indexOf(pivot);
}

/** Whether the saga can still be cancelled while the step is in progress. */
export function canCancel(step: StepOfSaga): boolean {
  return !isPivot(step) && !waitsForAPerson(step);
}

function canStrike(fault: Fault, { step, isUndoing }: StepOfSaga): boolean {
  // Once it was answered, its saga has continued; nothing of it is recorded later.
  if (step === REPORT) return fault.place !== 'recorded' && fault !== alone.cancelledLate;
  if (isCancel(fault)) return !isUndoing;
  // An external provider writes no stream of ours.
  if (step === 'fulfil') return fault.place !== 'decided' && fault.place !== 'appended';
  // The confirmed goods were returned. Nothing is left to release, so nothing is written.
  return !isUndoing || !step.startsWith('reserve') || fault.place !== 'appended';
}

function isCancel(fault: Fault): boolean {
  return fault === alone.cancelled || fault === alone.cancelledLate;
}

function endingOf(fault: Fault, step: StepOfSaga): Ending {
  if (step.isUndoing) return 'compensated';
  if (isCancel(fault) && canCancel(step)) return 'compensated';
  return fault === alone.refused && !waitsForAPerson(step) ? 'compensated' : 'completed';
}
