import { accountContract } from '#contracts/account/account.contract.js';
import { callbackContract } from '#contracts/callback/callback.contract.js';
import { cartContract } from '#contracts/cart/cart.contract.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import { priceContract } from '#contracts/price/price.contract.js';
import type { DomainEvent } from '#libs/core/decider.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { DAY, HOUR, moment } from '#libs/testing/moments.js';
import * as account from '../../apps/account/src/domain/account.fixture.js';
import * as cart from '../../apps/cart/src/domain/cart.fixture.js';
import * as callback from '../../apps/desk/src/domain/callback.fixture.js';
import * as inventory from '../../apps/inventory/src/domain/inventory.fixture.js';
import * as price from '../../apps/inventory/src/domain/price.fixture.js';

/** The history, the data and time of a command that changes something, and who sends it. */
type Told = readonly [
  given: readonly DomainEvent[],
  data: TestCommand['data'],
  at?: string | undefined,
  by?: Pick<TestCommand, 'actor' | 'sender'>,
];

const inAnHour = { expiresAt: moment(HOUR) };
const open = [account.opened, account.deposited(100)] as const;
const held = [...open, account.held('h-1', 60, inAnHour)] as const;

const approvers = { candidates: ['role:supervisor'], needed: 1, withinSeconds: 3 * DAY };
/** The ends of an approval, for the entity that waits for it. */
const approved = {
  outcome: 'approved',
  approval: { id: 'a-1', contentHash: account.contentHash, by: ['tom'] },
};
const notRequested = {
  ...{ key: 'request:a-1', status: 'refused', attempts: 1, echo: 'a-1' },
  ...{ code: 'NO', detail: 'no' },
};
const fromApproval = { sender: 'approval-default.a-1' };
const limited = [...open, account.limitSet(50)] as const;
const requested = [...limited, account.withdrawalRequested('a-1', 60)] as const;

/** The scenarios of an entity, one for each command. */
type ScenariosOf<C extends EntityContract> = Readonly<Partial<Record<keyof C['commands'], Told>>>;

const accountScenarios: ScenariosOf<typeof accountContract> = {
  Open: [[], { owner: 'Alice', currency: 'USD' }],
  Deposit: [open, { amount: 5 }],
  Withdraw: [open, { amount: 100 }],
  ReverseDeposit: [open, { deposit: 'd-1', amount: 100, reason: 'sent twice', deposited: 100 }],
  PlaceHold: [open, { holdId: 'h-1', amount: 60 }],
  CaptureHold: [held, { holdId: 'h-1', amount: 40 }],
  ReleaseHold: [held, { holdId: 'h-1' }],
  ExpireHold: [held, { holdId: 'h-1' }, inAnHour.expiresAt],
  SetApprovalLimit: [open, { amount: 50, ...approvers }],
  RemoveApprovalLimit: [limited, {}],
  RecordApproval: [requested, approved, undefined, fromApproval],
  DropRequest: [requested, notRequested],
  Freeze: [held, { reason: 'suspicion of fraud' }],
  Unfreeze: [[...held, account.frozen], { reason: 'cleared' }],
  Close: [[account.opened], {}],
};

const cds = [cart.created, cart.added('cd', 2, 999)] as const;
const lines = [{ sku: 'cd', quantity: 2, unitPrice: 999, discount: 0, total: 1_998 }];
const prices = { lines, subtotal: 1_998, discount: 0, total: 1_998 };
const checkingOut = [...cds, cart.requested('checkout-1', prices)] as const;

const cartScenarios: ScenariosOf<typeof cartContract> = {
  Create: [[], { customerId: 'alice' }],
  AssignCustomer: [[cart.createdByGuest], { customerId: 'alice' }],
  AddItem: [cds, { sku: 'book', quantity: 1, unitPrice: 500, currency: 'USD' }],
  ChangeQuantity: [cds, { sku: 'cd', quantity: 3 }],
  RemoveItem: [cds, { sku: 'cd' }],
  ApplyCoupon: [cds, { code: 'spring', amount: 100, currency: 'USD' }],
  RemoveCoupon: [[...cds, cart.couponApplied('spring', { amount: 100, currency: 'USD' })], {}],
  Checkout: [cds, { accountId: 'alice-usd' }],
  Abandon: [cds, {}],
  CompleteCheckout: [checkingOut, { checkoutId: 'checkout-1' }],
  FailCheckout: [checkingOut, { checkoutId: 'checkout-1', reason: 'no stock' }],
  RefuseCheckout: [
    checkingOut,
    { key: 'checkout', status: 'refused', attempts: 1, echo: 'checkout-1', code: 'NO', detail: 'no' },
  ],
  Remind: [cds, {}, moment(DAY)],
  Expire: [cds, {}, moment(7 * DAY)],
};

const stock = [inventory.received(5)] as const;
const corrected = [...stock, inventory.limitSet(1), inventory.adjustmentRequested('a-1', -2)] as const;
const reserved = [...stock, inventory.reserved('r-1', 5, inAnHour)] as const;
const inLine = [...reserved, inventory.queued('w-1', 3, moment(DAY / 48))] as const;

const inventoryScenarios: ScenariosOf<typeof inventoryContract> = {
  Receive: [stock, { quantity: 3 }],
  Adjust: [stock, { by: -2, reason: 'counted' }],
  Reserve: [stock, { reservationId: 'r-1', quantity: 5 }],
  ExtendReservation: [reserved, { reservationId: 'r-1', ttlSeconds: 2 * HOUR }],
  ConfirmReservation: [reserved, { reservationId: 'r-1' }],
  ReleaseReservation: [inLine, { reservationId: 'r-1' }],
  ReturnReservation: [
    [...reserved, inventory.ended('ReservationConfirmed', 'r-1', 5)],
    { reservationId: 'r-1' },
  ],
  CancelWait: [inLine, { reservationId: 'w-1' }],
  DeclineWait: [inLine, { reservationId: 'w-1', reason: 'holds everybody up' }],
  SetWaitLimit: [stock, { pieces: 5 }],
  SetReorderPoint: [stock, { reorderPoint: 5 }],
  SetApprovalLimit: [stock, { pieces: 1, ...approvers }],
  RemoveApprovalLimit: [[...stock, inventory.limitSet(1)], {}],
  RecordApproval: [corrected, approved, undefined, fromApproval],
  DropRequest: [corrected, notRequested],
  Discontinue: [inLine, { reason: 'no maker' }],
  ExpireReservation: [reserved, { reservationId: 'r-1' }, inAnHour.expiresAt],
  ExpireWait: [inLine, { reservationId: 'w-1' }, moment(DAY / 48)],
  ServeWaitlist: [[...inLine, inventory.ended('ReservationReleased', 'r-1', 5)], {}],
};

const until = { validUntil: moment(HOUR) };
const tomorrow = { validFrom: moment(DAY) };

const priceScenarios: ScenariosOf<typeof priceContract> = {
  SetPrice: [[price.priceSet(999)], { unitPrice: 899, currency: 'USD' }],
  WithdrawPrice: [[price.priceSet(999)], { currency: 'USD' }],
  BeginPrice: [[price.planned(999, moment(DAY))], { currency: 'USD', ...tomorrow }, moment(DAY)],
  EndPrice: [[price.priceSet(999, until)], { currency: 'USD', ...until }, moment(HOUR)],
};

const fromFlow = { actor: callback.flow, sender: callback.flow };
const unclaimed = [callback.received(1)] as const;
const waiting = [callback.awaited(), ...unclaimed, callback.assigned(1)] as const;

const callbackScenarios: ScenariosOf<typeof callbackContract> = {
  Receive: [[callback.awaited()], { provider: 'card', webhookId: 'w-1', payload: callback.payload }],
  Wait: [unclaimed, { takes: 'all', answer: callback.answer }, undefined, fromFlow],
  StopWaiting: [[callback.awaited()], {}, undefined, fromFlow],
  RecordDelivery: [waiting, { key: 'deliver', status: 'done', attempts: 1, echo: '1', result: {} }],
  Redeliver: [[...waiting, callback.refused(1)], { n: 1, reason: callback.reason }],
  Discard: [unclaimed, { n: 1, reason: callback.reason }],
};

/** A command after a history. */
export interface Scenario {
  readonly category: string;
  readonly given: readonly DomainEvent[];
  readonly command: TestCommand;
}

const told: readonly (readonly [EntityContract, ScenariosOf<EntityContract>])[] = [
  [accountContract, accountScenarios],
  [cartContract, cartScenarios],
  [inventoryContract, inventoryScenarios],
  [priceContract, priceScenarios],
  [callbackContract, callbackScenarios],
];

/** Every command of a contract, public or internal, with its scenario if it has one. */
export function scenariosOf(
  { name: category, commands }: EntityContract,
  byType: Readonly<Record<string, Told | undefined>>,
): { readonly scenarios: readonly Scenario[]; readonly missing: readonly string[] } {
  const types = Object.keys(commands);
  const scenarios = types.flatMap((type) => {
    const [given, data, at, by] = byType[type] ?? [];
    return given && data
      ? [{ category, given, command: { type, data, ...(at !== undefined && { at }), ...by } }]
      : [];
  });
  return { scenarios, missing: types.filter((type) => !byType[type]).map((type) => `${category} ${type}`) };
}

const all = told.map(([contract, byType]) => scenariosOf(contract, byType));

/** The scenarios of all entities. */
export const scenarios: readonly Scenario[] = all.flatMap((one) => one.scenarios);

/** The commands without a scenario. No fault meets them, and the run says so. */
export const withoutScenario: readonly string[] = all.flatMap(({ missing }) => missing);
