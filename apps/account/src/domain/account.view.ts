import { type AccountState, available, type SpendingRequest } from './account.state.js';

/** The live state as clients see it (`accountContract.view`). */
export function presentAccount(state: AccountState) {
  const { status, owner, currency, balance, held, holds, captured, approvalLimit, requests = [] } = state;
  return {
    ...{ status, owner, currency, balance, held, available: available(state), holds, captured },
    ...(approvalLimit && { approvalLimit }),
    ...(requests.length > 0 && { requests: requests.map(presentRequest) }),
  };
}

function presentRequest(request: SpendingRequest) {
  const { asker: _, ...shown } = request;
  return shown;
}
