import { resolve } from 'node:path';
import type { AnyDecider } from '#libs/core/decider.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import { CallbackTokens } from '#libs/flow/callbacks/callback-tokens.js';
import { DAY } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { transferDecider } from '../../../apps/account/src/domain/transfer.saga.js';
import { createCartDecider } from '../../../apps/cart/src/domain/cart.decider.js';
import { timing } from '../../../apps/cart/src/domain/cart.fixture.js';
import { createCheckoutDecider } from '../../../apps/cart/src/domain/checkout.saga.js';
import { inventoryDecider } from '../../../apps/inventory/src/domain/inventory.decider.js';

const cardOperationDecider = flowDecider({ name: 'cardOperation', messages: ['PaymentChanged'] });

function bundleOf(app: string): string {
  return resolve('dist/apps', app, 'workflows.bundle.js');
}

/**
 * The entities and sagas of each service, with the bundles of their workflows. Nothing times out
 * here.
 */
export const services = [
  { deciders: [accountDecider, transferDecider, cardOperationDecider], workflowBundle: bundleOf('account') },
  {
    deciders: [createCartDecider(timing), createCheckoutDecider({ patienceSeconds: DAY })],
    workflowBundle: bundleOf('cart'),
  },
  { deciders: [inventoryDecider], workflowBundle: bundleOf('inventory') },
] as const;

/** The tokens in callback addresses, the same in every process. */
export const callbackTokens = new CallbackTokens(['one-secret-'.repeat(3)]);

/** All of them, by category. */
export const deciders: Readonly<Record<string, AnyDecider>> = Object.fromEntries(
  services.flatMap((service) => service.deciders.map((decider) => [decider.name, decider])),
);
