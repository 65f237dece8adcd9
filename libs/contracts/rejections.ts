import type { RejectionContract } from './entity-contract.js';

/** Codes that every entity may answer with, whatever its rules. */
export const genericRejections = {
  'REVISION.MISMATCH': { status: 412, title: 'The entity is at another revision than If-Match names' },
  'IDEMPOTENCY.KEY_REUSED': { status: 422, title: 'The idempotency key was used for another command' },
  'IDEMPOTENCY.KEY_EXPIRED': {
    status: 410,
    title: 'The command was rejected long ago; why is no longer kept',
  },
  'COMMAND.MALFORMED': { status: 422, title: 'The data of the command are not what the contract says' },
  'COMMAND.OUTCOME_LOST': {
    status: 409,
    title: 'The workflow of the entity was reset; the command changed nothing and will not be carried out',
  },
  'ENTITY.STATE_TOO_LARGE': { status: 409, title: 'The entity would hold more than it can' },
} as const satisfies Record<string, RejectionContract>;
