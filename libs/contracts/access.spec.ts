import { expect, it } from '@jest/globals';
import { ROLES } from './access.js';
import { accountContract } from './account/account.contract.js';
import { approvalContract } from './approval/approval.contract.js';
import { callbackContract } from './callback/callback.contract.js';
import { cardOperationContract } from './card-operation/card-operation.contract.js';
import { cardPaymentContract } from './card-payment/card-payment.contract.js';
import { cartContract } from './cart/cart.contract.js';
import { cartReminderContract } from './cart-reminder/cart-reminder.contract.js';
import { checkoutContract } from './checkout/checkout.contract.js';
import type { EntityContract } from './entity-contract.js';
import { interestRunContract } from './interest-run/interest-run.contract.js';
import { inventoryContract } from './inventory/inventory.contract.js';
import { priceContract } from './price/price.contract.js';
import { transferContract } from './transfer/transfer.contract.js';

const contracts: readonly EntityContract[] = [
  accountContract,
  approvalContract,
  callbackContract,
  cardOperationContract,
  interestRunContract,
  cardPaymentContract,
  cartContract,
  cartReminderContract,
  checkoutContract,
  inventoryContract,
  priceContract,
  transferContract,
];

it.each(contracts)('$name grants things to known roles only', ({ access, commands }) => {
  const ofCommands = Object.values(commands).flatMap((command) => {
    if (command.visibility !== 'public') return [];
    return [...command.allow, ...Object.values(command.allowFields ?? {}).flat()];
  });
  const roles = [...ofCommands, ...access.read, ...access.feed].flatMap((grant) => {
    return grant.startsWith('role:') ? [grant.slice('role:'.length)] : [];
  });
  expect(Object.keys(ROLES)).toEqual(expect.arrayContaining(roles));
});
