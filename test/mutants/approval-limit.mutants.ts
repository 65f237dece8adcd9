import type { Mutant } from './mutant.js';

const ofAccounts = {
  file: 'apps/account/src/domain/account-requests.decide.ts',
  spec: 'apps/account/src/domain/account.decide.spec.ts',
} as const;
const ofItems = {
  file: 'apps/inventory/src/domain/inventory-adjustments.decide.ts',
  spec: 'apps/inventory/src/domain/inventory.decide.spec.ts',
} as const;

/** Bugs in what waits for approval because of a limit. */
export const approvalLimitMutants: readonly Mutant[] = [
  {
    ...ofAccounts,
    id: 'approved-by-anybody',
    bug: 'Any entity can answer for an approval.',
    file: 'libs/core/approval-limit.ts',
    replace: 'from?.category === APPROVAL && from.id === approvalId',
    by: 'from !== undefined && approvalId !== APPROVAL',
    test: 'an account when a withdrawal waits for approval is answered by its own approval, for its own content',
  },
  {
    ...ofAccounts,
    id: 'approved-for-other-content',
    bug: 'The approval of another content pays a withdrawal out.',
    file: 'libs/core/approval-limit.ts',
    replace: ' && data.approval.contentHash === contentHash',
    by: " && data.approval.contentHash !== ''",
    test: 'an account when a withdrawal waits for approval is answered by its own approval, for its own content',
  },
  {
    ...ofAccounts,
    id: 'paid-by-refusal',
    bug: 'A refused withdrawal is paid out.',
    replace: "if (outcome !== 'approved') return [refused(",
    by: "if (outcome === 'withdrawn') return [refused(",
    test: 'an account when a withdrawal waits for approval has its money back when it is refused',
  },
  {
    ...ofAccounts,
    id: 'refused-and-held',
    bug: 'The money of a refused request stays held.',
    file: 'apps/account/src/domain/account.evolve.ts',
    replace: 'held: state.held - request.amount, requests',
    by: 'held: state.held, requests',
    spec: 'apps/account/src/domain/account.properties.spec.ts',
    test: 'any sequence of commands keeps the money sound at every revision, and its state equal to the fold of its stream',
  },
  {
    ...ofAccounts,
    id: 'paid-while-frozen',
    bug: 'An approval makes a frozen account pay.',
    replace: "if (state.status === 'frozen') return [refused(request, 'frozen', state)];",
    by: '',
    test: 'an account when a withdrawal waits for approval is not paid out by a frozen account, which keeps the money',
  },
  {
    ...ofAccounts,
    id: 'expired-and-approved',
    bug: 'A hold that waits for approval ends without it when its time comes, and is then still approved.',
    file: 'apps/account/src/domain/account-holds.decide.ts',
    replace: "if (requested) return [refused(requested, 'expired', state)];",
    by: '',
    test: 'an account when a hold waits for approval expires like any other, after which an approval comes too late',
  },
  {
    ...ofAccounts,
    id: 'transfer-does-not-wait',
    bug: 'A saga that does not wait takes a requested hold for a placed one.',
    replace: 'command.sender !== undefined && !canWait',
    by: "command.sender === '' && !canWait",
    test: 'an account when a hold waits for approval is refused to an entity that does not wait',
  },
  {
    ...ofItems,
    id: 'corrected-by-refusal',
    bug: 'A refused correction is done.',
    replace: "if (outcome !== 'approved') return [refused(",
    by: "if (outcome === 'withdrawn') return [refused(",
    test: 'an item when large corrections need approval stays as it is when that is refused',
  },
  {
    ...ofItems,
    id: 'corrected-below-reserved',
    bug: 'An approved correction takes pieces that were reserved meanwhile.',
    replace: 'const refusal = impossible(found, state);',
    by: 'const refusal = overFull(state, found.by);',
    test: 'an item when large corrections need approval stays as it is when the pieces were reserved meanwhile',
  },
  {
    ...ofItems,
    id: 'large-loss-at-once',
    bug: 'Only corrections upwards need approval.',
    replace: 'Math.abs(data.by) > approvalLimit.pieces',
    by: 'data.by > approvalLimit.pieces',
    test: 'an item when large corrections need approval asks for large ones, up or down, and changes nothing',
  },
];
