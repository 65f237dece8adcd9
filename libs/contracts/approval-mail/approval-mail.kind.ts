import type { approvalMailContract } from './approval-mail.contract.js';
import type { FlowTypesOf } from '../flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';

/** What a mailing to those who may decide on an approval takes and returns. */
export type ApprovalMailTypes = FlowTypesOf<typeof approvalMailContract>;

export const ApprovalMail = flowKind<ApprovalMailTypes>('approvalMail');
