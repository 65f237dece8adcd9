import type { ApprovalEvent } from '#contracts/approval/approval.contract.js';

type Requested = Extract<ApprovalEvent, { type: 'ApprovalRequested' }>['data'];

export const content = { order: 'o-7', amount: 125_000 };
/** Computed by another program: `printf '{"amount":125000,"order":"o-7"}' | sha256sum`. */
export const contentHash = 'e2fdfad5ec06706bbfc638b0e55cf3e528d345e66e0d3ae4e7d0650ce72373b5';
export const otherHash = '0'.repeat(64);
/** Three days after the start of every scenario. */
export const deadline = '2100-01-04T00:00:00.000Z';

/** Requested by Alice; Tom, Ute and supervisors may decide. */
export function requested(more: Partial<Requested> = {}): ApprovalEvent {
  return {
    type: 'ApprovalRequested',
    data: {
      subject: 'Order o-7',
      content,
      contentHash,
      requester: 'alice',
      candidates: ['user:tom', 'user:ute', 'role:supervisor'],
      needed: 1,
      deadline,
      ...more,
    },
  };
}

export function claimed(by: string): ApprovalEvent {
  return { type: 'ApprovalClaimed', data: { by } };
}

export function unclaimed(by: string): ApprovalEvent {
  return { type: 'ApprovalUnclaimed', data: { by } };
}

export function delegated(by: string, to: string): ApprovalEvent {
  return { type: 'ApprovalDelegated', data: { by, to: `user:${to}` } };
}

export function given(by: string): ApprovalEvent {
  return { type: 'ApprovalGiven', data: { by, contentHash } };
}

export function granted(...by: string[]): ApprovalEvent {
  return { type: 'ApprovalGranted', data: { by, contentHash } };
}

export function rejected(by: string, reason = 'too dear'): ApprovalEvent {
  return { type: 'ApprovalRefused', data: { because: 'rejected', by, contentHash, reason } };
}

export function expired(at = deadline): ApprovalEvent {
  const reason = `nobody decided until ${at}`;
  return { type: 'ApprovalRefused', data: { because: 'expired', contentHash, reason } };
}

export function withdrawn(by: string): ApprovalEvent {
  return { type: 'ApprovalWithdrawn', data: { by, contentHash } };
}

export const reminded: ApprovalEvent = { type: 'ApprovalReminded', data: {} };

export function escalated(...to: readonly string[]): ApprovalEvent {
  return { type: 'ApprovalEscalated', data: { to: [...to] } };
}
