import type { RejectionContract } from './entity-contract.js';

/** Codes that every entity may return, whatever its rules. */
export const genericRejections = {
  'REVISION.MISMATCH': { status: 412, title: 'The entity is not at the revision in If-Match' },
  'IDEMPOTENCY.KEY_REUSED': { status: 422, title: 'The idempotency key was used for another command' },
  'IDEMPOTENCY.KEY_EXPIRED': {
    status: 410,
    title: 'The command was rejected long ago; the reason is no longer stored',
  },
  'COMMAND.MALFORMED': { status: 422, title: 'The data of the command does not match the contract' },
  'COMMAND.OUTCOME_LOST': {
    status: 409,
    title: 'The workflow of the entity was reset; the command changed nothing and will not be carried out',
  },
  'ACCESS.OWNER_IS_ANOTHER': { status: 403, title: 'The entity would not belong to the caller' },
  'ENTITY.STATE_TOO_LARGE': { status: 409, title: 'The state of the entity would exceed its size limit' },
} as const satisfies Record<string, RejectionContract>;
