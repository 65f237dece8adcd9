import { v5 } from 'uuid';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { stateAfter } from '#libs/entity/activities/fold-stream.js';
import { itemEnvelope, itemOutcome } from '#libs/flow/leaves/item-command.js';
import type { ItemOutcome, LeafContext } from '#libs/flow/leaves/leaf.js';
import { accountDecider } from '../domain/account.decider.js';
import type { AccountState } from '../domain/account.state.js';
import { MonthlyInterest } from '../domain/interest.js';
import type { InterestPaid, InterestTerms } from '../flows/interest-run.flow.js';

// A fixed namespace. A different one would make another command of interest that was sent before.
const NAMESPACE = '7d0f4a55-8f0b-4a0a-9c35-61a8a4f0c9d2';
const WAIT_MILLISECONDS = 8_000;

/** What is credited for which month. */
export interface Interest {
  readonly month: string;
  readonly terms: InterestTerms;
}

type Parts = Pick<LeafContext<Interest>, 'stream' | 'data' | 'trace' | 'door' | 'store'>;

/**
 * Credits an account with its interest, unless that is nothing. The same account, month and terms
 * always give the same command. Throws if its outcome is not known yet.
 */
export async function creditInterest(account: string, parts: Parts): Promise<ItemOutcome<InterestPaid>> {
  const { stream, data, door } = parts;
  const entity = streamName('account', account, parseStreamName(stream)?.tenant);
  const { amount, currency } = await interestOf(entity, parts);
  if (amount === 0) return { outcome: 'done' };
  const { month, terms } = data;
  const envelope = commandOf({ month, amount, currency, ...terms }, parts);
  const [receipt] = await door.execute(entity, [envelope], WAIT_MILLISECONDS);
  return itemOutcome<InterestPaid>(receipt, {
    record: { account, amount, currency },
    value: { [currency]: { accounts: 1, amount } },
    undecided: `${account} has not decided on its interest yet`,
  });
}

/** Folds the events of an account up to the end of the month. */
async function interestOf(entity: string, { data: { month, terms }, store }: Parts) {
  const interest = new MonthlyInterest(month, terms);
  let state = accountDecider.initialState;
  for await (const event of store.read(entity)) {
    state = stateAfter(accountDecider, state as unknown as JsonObject, event) as unknown as AccountState;
    if (!interest.change(event.metadata.at, state.balance)) break;
  }
  return { amount: interest.total(), currency: state.currency };
}

function commandOf(data: JsonObject, parts: Parts): CommandEnvelope {
  const { month, amount, rateBasisPoints, dayCount } = data;
  const keyId = v5(JSON.stringify([month, amount, rateBasisPoints, dayCount]), NAMESPACE);
  return itemEnvelope(parts, { keyId, type: 'CreditInterest', data, causationId: parts.stream });
}
