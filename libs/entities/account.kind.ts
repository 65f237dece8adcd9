import type { AccountCommand } from '#contracts/account/account.contract.js';
import { entityKind } from './entity.js';

export const Account = entityKind<AccountCommand>('account');
