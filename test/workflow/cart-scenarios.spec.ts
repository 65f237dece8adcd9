import { resolve } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { onTimeSkippingServer } from '#libs/testing/time-skipping.stage.js';
import { cartCheckoutScenarios } from '../../apps/cart/src/domain/cart-checkout.scenarios.js';
import { createCartDecider } from '../../apps/cart/src/domain/cart.decider.js';
import { timing } from '../../apps/cart/src/domain/cart.fixture.js';
import { cartScenarios } from '../../apps/cart/src/domain/cart.scenarios.js';
import { withSomeScenarios } from '../support/depth.js';

// Nothing is done outside of the cart: no saga continues where a scenario ends.
const { react: _, ...decider } = createCartDecider(timing);

const server = new TimeSkippingServer({
  deciders: [decider],
  workflowBundle: resolve('dist/apps/cart/workflows.bundle.js'),
});
beforeAll(() => server.open());
afterAll(() => server.close());

describe('a cart on the time-skipping server', () => {
  const stage = withSomeScenarios('workflow cart', onTimeSkippingServer('cart', server));
  cartScenarios(stage);
  cartCheckoutScenarios(stage);
});
