import { executingRate, executingTimes, sendingRate } from '../entities.js';
import { compared, quantile } from '../rounds.js';
import { type Figure, scaled } from './figure.js';

const SPREAD = 200;
const MESSAGES = 4_000;
const HOT_MESSAGES = 8_000;
const UPDATES = 2_000;
const CLIENTS = 64;
const LATENCIES = 200;

/** P1: signals to many. */
export const spreadSignals: Figure = {
  id: 'p1',
  title: `commands/s applied, sent through REST to ${SPREAD} accounts ÷ no-op signals/s handled`,
  measure: async (stack, effort) => {
    const accounts = await stack.accounts(scaled(SPREAD, effort));
    const bare = await stack.bareWorkflows(scaled(SPREAD, effort));
    const results = [];
    for (const [inFlight, goal] of [
      [256, '≥ 0.7'],
      [2_000, '≥ 1.0'],
    ] as const) {
      const count = scaled(MESSAGES, effort);
      const pair = await compared(
        effort.rounds,
        () => sendingRate(accounts, count, inFlight),
        () => sendingRate(bare, count, inFlight),
      );
      results.push({ ...pair, name: `${inFlight} in flight`, unit: '/s', goal });
    }
    return results;
  },
};

/** P2: signals to one. */
export const hotSignals: Figure = {
  id: 'p2',
  title: 'commands/s applied, sent through REST to one account ÷ no-op signals/s handled by one workflow',
  measure: async (stack, effort) => {
    const account = await stack.accounts(1);
    const bare = await stack.bareWorkflows(1);
    const inFlight = 256;
    const pair = await compared(
      effort.rounds,
      () => sendingRate(account, scaled(HOT_MESSAGES, effort), inFlight),
      () => sendingRate(bare, scaled(MESSAGES, effort), inFlight),
    );
    return [{ ...pair, name: `${inFlight} in flight`, unit: '/s', goal: '≥ 2.7' }];
  },
};

/** P5: the time of an update. */
export const waitingTime: Figure = {
  id: 'p5',
  title: '`Prefer: wait` through REST ÷ a no-op update, one client',
  measure: async (stack, effort) => {
    const accounts = await stack.accounts(scaled(10, effort));
    const bare = await stack.bareWorkflows(scaled(10, effort));
    const count = scaled(LATENCIES, effort);
    const pair = await compared(
      effort.rounds,
      async () => quantile(await executingTimes(accounts, count), 0.5),
      async () => quantile(await executingTimes(bare, count), 0.5),
    );
    return [{ ...pair, name: 'p50', unit: ' ms', goal: '≤ 1.6' }];
  },
};

/** P15: updates to many. */
export const spreadUpdates: Figure = {
  id: 'p15',
  title: `\`Prefer: wait\` through REST to ${SPREAD} accounts ÷ no-op updates`,
  measure: async (stack, effort) => {
    const accounts = await stack.accounts(scaled(SPREAD, effort));
    const bare = await stack.bareWorkflows(scaled(SPREAD, effort));
    const count = scaled(UPDATES, effort);
    const pair = await compared(
      effort.rounds,
      () => executingRate(accounts, count, CLIENTS),
      () => executingRate(bare, count, CLIENTS),
    );
    return [{ ...pair, name: `${CLIENTS} clients`, unit: '/s', goal: '≥ 0.6' }];
  },
};
