import type { RejectionContract } from '../entity-contract.js';

/** Every code with which flows reject, whatever their functions do. */
export const flowRejections = {
  'FLOW.NOT_STARTED': { status: 404, title: 'There is no such flow' },
  'FLOW.ALREADY_STARTED': { status: 409, title: 'The flow was already started' },
  'FLOW.ENDED': { status: 409, title: 'The flow has ended' },
  'FLOW.LOST': { status: 409, title: 'The execution of the flow was lost' },
  'FLOW.NOT_LOST': { status: 409, title: 'The execution of the flow was not lost' },
  'FLOW.ALREADY_CANCELLED': { status: 409, title: 'The flow was already asked to stop' },
  'FLOW.NOT_CANCELLING': { status: 409, title: 'The flow was not asked to stop' },
  'FLOW.NOT_STUCK': { status: 409, title: 'No compensation of this name is stuck' },
  'FLOW.NOT_PARENT': { status: 409, title: 'The command is not from the parent of the flow' },
  'FLOW.NOBODY_TO_ANSWER': { status: 422, title: 'Only entities are answered' },
  'FLOW.CALLBACK_OVER': { status: 410, title: 'The flow does not wait for this callback any more' },
  'FLOW.UNKNOWN_MESSAGE': { status: 422, title: 'The flow accepts no message of this name' },
  'FLOW.TOO_LARGE': { status: 422, title: 'The data is too large' },
  'FLOW.INBOX_FULL': { status: 429, title: 'The flow has too many unread messages' },
} as const satisfies Record<string, RejectionContract>;
