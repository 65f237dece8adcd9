import type { ApprovalCommand, ApprovalEvent } from '#contracts/approval/approval.contract.js';
import type { Decider } from '#libs/core/decider.js';
import { approvalDeadline } from './approval.deadlines.js';
import { decideApproval } from './approval.decide.js';
import { reactToApproval } from './approval.effects.js';
import { evolveApproval } from './approval.evolve.js';
import { type ApprovalState, initialApproval, takesPart } from './approval.state.js';

export const approvalDecider: Decider<ApprovalState, ApprovalCommand, ApprovalEvent> = {
  name: 'approval',
  stateVersion: 1,
  initialState: initialApproval,
  decide: decideApproval,
  growing: ['Request', 'Delegate'],
  evolve: evolveApproval,
  deadline: approvalDeadline,
  isEnded: ({ status }) => status !== 'none' && status !== 'open',
  react: reactToApproval,
  belongsTo: takesPart,
};
