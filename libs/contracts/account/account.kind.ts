import type { AccountCommand } from './account.contract.js';
import { entityKind } from '#libs/core/entity.js';

export const Account = entityKind<AccountCommand>('account');
