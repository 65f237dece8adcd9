import type { accountContract } from '#contracts/account/account.contract.js';
import type { approvalContract } from '#contracts/approval/approval.contract.js';
import type { approvalMailContract } from '#contracts/approval-mail/approval-mail.contract.js';
import type { callbackContract } from '#contracts/callback/callback.contract.js';
import type { cardOperationContract } from '#contracts/card-operation/card-operation.contract.js';
import type { cardPaymentContract } from '#contracts/card-payment/card-payment.contract.js';
import type { cartContract } from '#contracts/cart/cart.contract.js';
import type { cartReminderContract } from '#contracts/cart-reminder/cart-reminder.contract.js';
import type { checkoutContract } from '#contracts/checkout/checkout.contract.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { fulfilmentContract } from '#contracts/fulfilment/fulfilment.contract.js';
import type { interestRunContract } from '#contracts/interest-run/interest-run.contract.js';
import type { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import type { lowStockDigestContract } from '#contracts/low-stock-digest/low-stock-digest.contract.js';
import type { priceContract } from '#contracts/price/price.contract.js';
import type { stockImportContract } from '#contracts/stock-import/stock-import.contract.js';
import type { Category } from '#contracts/services.js';
import type { transferContract } from '#contracts/transfer/transfer.contract.js';

/** Contracts by category, as types only: their schemas are not in the program of a client. */
export type AnyContracts = Readonly<Record<string, EntityContract>>;

/** Does not compile while a category is missing. */
type OfAllServices<C extends Readonly<Record<Category, EntityContract>>> = C;

/** The contracts of all services. Other installations have others. */
export type Contracts = OfAllServices<{
  readonly account: typeof accountContract;
  readonly approval: typeof approvalContract;
  readonly approvalMail: typeof approvalMailContract;
  readonly callback: typeof callbackContract;
  readonly cardOperation: typeof cardOperationContract;
  readonly cardPayment: typeof cardPaymentContract;
  readonly cart: typeof cartContract;
  readonly cartReminder: typeof cartReminderContract;
  readonly checkout: typeof checkoutContract;
  readonly fulfilment: typeof fulfilmentContract;
  readonly interestRun: typeof interestRunContract;
  readonly inventory: typeof inventoryContract;
  readonly lowStockDigest: typeof lowStockDigestContract;
  readonly price: typeof priceContract;
  readonly stockImport: typeof stockImportContract;
  readonly transfer: typeof transferContract;
}>;
