import type { RejectionContract } from '../entity-contract.js';

/** Every code with which sagas reject, whatever their steps. */
export const sagaRejections = {
  'SAGA.NOT_STARTED': { status: 404, title: 'There is no such saga' },
  'SAGA.ALREADY_STARTED': { status: 409, title: 'The saga was already started' },
  'SAGA.ID_TOO_LONG': { status: 422, title: 'The id of a saga has at most 100 characters' },
  'SAGA.NOT_RUNNING': { status: 409, title: 'The saga has ended, or is already being undone' },
  'SAGA.TOO_LATE': { status: 409, title: 'The saga has passed its point of no return' },
  'SAGA.STEP_SETTLED': { status: 409, title: 'The step is not in progress' },
  'SAGA.NOT_ASKED': { status: 409, title: 'The step has not asked the sender' },
  'SAGA.STEP_NOT_STUCK': { status: 409, title: 'The step does not need an operator' },
  'SAGA.STEP_UNDER_WAY': { status: 409, title: 'The step is being tried' },
  'SAGA.NO_WAY_BACK': { status: 409, title: 'The step comes after the point of no return' },
} as const satisfies Record<string, RejectionContract>;
