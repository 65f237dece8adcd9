import { listedId } from '#libs/operations/flows/list-entities.call.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { type ItemOutcome, leaf, type Leaf } from '#libs/flow/leaves/leaf.js';
import { AccountInterest, type InterestPaid } from '../flows/interest-run.flow.js';
import { creditInterest, type Interest } from './credit-interest.js';

/** Accounts that are handed over together, all at a time. */
const ACCOUNTS_AT_A_TIME = 16;

/** Credits accounts with their interest. */
export const accountInterestLeaf: Leaf<Interest, InterestPaid> = leaf(
  AccountInterest,
  async (items, context) => {
    const outcomes: ItemOutcome<InterestPaid>[] = [];
    await eachOf([...items.keys()], ACCOUNTS_AT_A_TIME, async (place) => {
      outcomes[place] = await creditInterest(listedId(items[place]?.content), context);
    });
    return outcomes;
  },
  { batch: ACCOUNTS_AT_A_TIME },
);
