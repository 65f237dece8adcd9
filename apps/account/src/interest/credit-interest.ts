import { v5 } from 'uuid';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { problems } from '#libs/core/problems.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { EffectNotDoneError } from '#libs/entity/activities/entity-activities.errors.js';
import { emptyFold, foldEvent } from '#libs/entity/activities/fold-stream.js';
import { commandIdUnder } from '#libs/entity/gateway/command-id.js';
import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';
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
  const envelope = envelopeOf({ month, amount, currency, ...terms }, parts);
  const [receipt] = await door.execute(entity, [envelope], WAIT_MILLISECONDS);
  return outcomeOf(receipt, { account, amount, currency });
}

/** Folds the events of an account up to the end of the month. */
async function interestOf(entity: string, { data: { month, terms }, store }: Parts) {
  const interest = new MonthlyInterest(month, terms);
  let fold = emptyFold(accountDecider);
  for await (const event of store.read(entity)) {
    fold = foldEvent(accountDecider, fold, event);
    if (!interest.change(event.metadata.at, stateIn(fold).balance)) break;
  }
  return { amount: interest.total(), currency: stateIn(fold).currency };
}

function stateIn({ state }: { readonly state: JsonObject }): AccountState {
  return state as unknown as AccountState;
}

function envelopeOf(data: JsonObject, { stream, trace }: Parts): CommandEnvelope {
  const type = 'CreditInterest';
  const keyId = v5(
    JSON.stringify([data['month'], data['amount'], data['rateBasisPoints'], data['dayCount']]),
    NAMESPACE,
  );
  return {
    commandId: commandIdUnder(keyId, type, data),
    keyId,
    type,
    data,
    ...trace,
    causationId: stream,
    sender: stream,
    actor: stream,
    sentAt: toTimestamp(Date.now()),
  };
}

function outcomeOf(
  receipt: Receipt | undefined,
  of: { readonly account: string; readonly amount: number; readonly currency: string },
): ItemOutcome<InterestPaid> {
  const { account, amount, currency } = of;
  if (!receipt || receipt.status === 'pending') {
    throw new EffectNotDoneError(`${account} has not decided on its interest yet`);
  }
  const { commandId } = receipt;
  if (receipt.status === 'accepted') {
    const record = { ...of, commandId, revision: receipt.revision };
    return { outcome: 'done', value: { [currency]: { accounts: 1, amount } }, record };
  }
  const { status, code, detail } = receipt;
  if (code === problems.outcomeUnknown.code) throw new EffectNotDoneError(detail);
  return { outcome: status, code, detail, record: { ...of, commandId } };
}
