import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import type { Decider } from '#libs/core/decider.js';
import { accountDeadline } from './account.deadlines.js';
import { decideAccount } from './account.decide.js';
import { accountEffects, accountWithdraws } from './account.effects.js';
import { evolveAccount } from './account.evolve.js';
import { accountClaims, accountNames, accountOwners } from './account.names.js';
import { type AccountState, initialAccount } from './account.state.js';

export const accountDecider: Decider<AccountState, AccountCommand, AccountEvent> = {
  name: 'account',
  stateVersion: 1,
  initialState: initialAccount,
  decide: decideAccount,
  evolve: evolveAccount,
  deadline: accountDeadline,
  react: accountEffects,
  withdraws: accountWithdraws,
  isEnded: ({ status }) => status === 'closed',
  owner: ({ status, owner }) => (status === 'none' ? undefined : owner),
  names: accountNames,
  claims: accountClaims,
  owners: accountOwners,
};
