import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';
import type { ApprovalRequest, ApprovalState } from './approval.state.js';

export function evolveApproval(state: ApprovalState, event: ApprovalEvent): ApprovalState {
  if (event.type === 'ApprovalRequested') {
    return { status: 'open', request: { ...event.data, approvals: [], delegators: [] } };
  }
  const { request } = state;
  return request ? evolveOpen(state, request, event) : state;
}

function evolveOpen(state: ApprovalState, request: ApprovalRequest, event: ApprovalEvent): ApprovalState {
  const open = (next: ApprovalRequest): ApprovalState => ({ status: 'open', request: next });
  switch (event.type) {
    case 'ApprovalClaimed':
      return open({ ...request, claimedBy: event.data.by });
    case 'ApprovalUnclaimed':
      return open(unclaimed(request));
    case 'ApprovalDelegated':
      return open(delegated(request, event.data));
    case 'ApprovalGiven': {
      const { by, comment } = event.data;
      const given = { by, ...(comment !== undefined && { comment }) };
      return open({ ...unclaimed(request), approvals: [...request.approvals, given] });
    }
    case 'ApprovalReminded': {
      const { remindAt: _, ...rest } = request;
      return open(rest);
    }
    case 'ApprovalEscalated': {
      const { escalation: _, ...rest } = unclaimed(request);
      return open({ ...rest, candidates: [...new Set([...request.candidates, ...event.data.to])] });
    }
    case 'ApprovalGranted':
      return { status: 'approved', request: unclaimed(request) };
    case 'ApprovalRefused': {
      const { by, reason } = event.data;
      const refused = { reason, ...(by !== undefined && { refusedBy: by }) };
      return { status: 'refused', request: { ...unclaimed(request), ...refused } };
    }
    case 'ApprovalWithdrawn': {
      const { reason } = event.data;
      return {
        status: 'withdrawn',
        request: { ...unclaimed(request), ...(reason !== undefined && { reason }) },
      };
    }
    default:
      // An event of a later version of this program.
      return state;
  }
}

function unclaimed(request: ApprovalRequest): ApprovalRequest {
  const { claimedBy: _, ...rest } = request;
  return rest;
}

function delegated(request: ApprovalRequest, { by, to }: { readonly by: string; readonly to: string }) {
  const others = request.candidates.filter((candidate) => candidate !== `user:${by}`);
  return {
    ...unclaimed(request),
    candidates: [...others, to],
    delegators: [...request.delegators, by],
  };
}
