import type { ApprovalCommand } from './approval.contract.js';
import { entityKind } from '#libs/core/entity.js';

export const Approval = entityKind<ApprovalCommand>('approval');
