import type { AccountCommand, AccountEvent } from '#contracts/account/account.contract.js';
import type { AccountRejectionCode } from '#contracts/account/account.rejections.js';
import { approvalFor, areTooFew, isAnswerOf, MAX_WAITING_REQUESTS } from '#libs/core/approval-limit.js';
import { Checkout } from '#contracts/checkout/checkout.kind.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { oneLine } from '#libs/core/one-line.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import {
  type AccountState,
  type ApprovalLimit,
  type Asker,
  findRequest,
  type SpendingRequest,
} from './account.state.js';

type Decision = readonly AccountEvent[] | Rejection;
type CommandNamed<Type> = Extract<AccountCommand, { type: Type }>;
type DataOf<Type> = Extract<AccountEvent, { type: Type }>['data'];
type Spending = CommandNamed<'Withdraw' | 'PlaceHold'>;

const MAX_REASON = 500;

export function setApprovalLimit(
  { data }: CommandNamed<'SetApprovalLimit'>,
  { currency }: AccountState,
): Decision {
  const { candidates, needed } = data;
  const limit = { ...data, currency, candidates: [...new Set(candidates)] };
  return areTooFew(limit)
    ? no(
        'ACCOUNT.TOO_FEW_CANDIDATES',
        `${needed} must approve; the candidates are ${limit.candidates.length}`,
      )
    : [{ type: 'ApprovalLimitSet', data: limit }];
}

export function removeApprovalLimit({ approvalLimit }: AccountState): Decision {
  return approvalLimit
    ? [{ type: 'ApprovalLimitRemoved', data: {} }]
    : no('ACCOUNT.NO_APPROVAL_LIMIT', 'no approval limit is set');
}

/**
 * The limit that an amount is above; undefined if it needs no approval. The hold of a checkout
 * needs none, since only the checkout can capture it.
 */
export function limitAbove(
  { type, data, sender = '' }: Spending,
  { approvalLimit }: AccountState,
): ApprovalLimit | undefined {
  const isOfCheckout = type === 'PlaceHold' && parseStreamName(sender)?.category === Checkout.category;
  return approvalLimit && data.amount > approvalLimit.amount && !isOfCheckout ? approvalLimit : undefined;
}

/**
 * Holds the money until it is approved. What the request is for is not known to be done when it is
 * accepted, so it is not accepted from an entity that cannot wait.
 */
export function requestSpending(command: Spending, limit: ApprovalLimit, state: AccountState): Decision {
  const { requests = [] } = state;
  const asker = askerIn(command);
  if (command.sender !== undefined && !asker) {
    return no('ACCOUNT.APPROVAL_NEEDED', `${limit.amount} needs no approval`);
  }
  if (requests.length >= MAX_WAITING_REQUESTS) {
    return no('ACCOUNT.REQUEST_LIMIT', `${MAX_WAITING_REQUESTS} requests wait for approval`);
  }
  const { entityId = '' } = command;
  const { amount, reference } = command.data;
  const money = { amount, currency: state.currency, ...(reference !== undefined && { reference }) };
  if (command.type === 'Withdraw') {
    const approval = approvalFor('account', command, contentOf(entityId, money), limit);
    return [{ type: 'WithdrawalRequested', data: { ...approval, ...money } }];
  }
  const { holdId, expiresAt } = command.data;
  const hold = {
    ...{ ...money, holdId },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(command.sender !== undefined && { ownedBy: command.sender }),
  };
  const approval = approvalFor('account', command, contentOf(entityId, hold), limit, expiresAt);
  return [{ type: 'HoldRequested', data: { ...approval, ...hold, ...(asker && { asker }) } }];
}

/** The step of a saga that can wait for the answer. */
function askerIn({ type, data, id, sender: saga }: Spending): Asker | undefined {
  const step = type === 'PlaceHold' ? data.step : undefined;
  if (saga === undefined || step === undefined || id === undefined) return undefined;
  return { saga, step, answerTo: id };
}

type Asked = Omit<DataOf<'WithdrawalRequested'>, 'approvalId' | 'contentHash' | 'deadline'> &
  Partial<Omit<DataOf<'HoldRequested'>, 'approvalId' | 'contentHash' | 'deadline'>>;

/** What is to be approved. */
export function contentOf(account: string, asked: Asked): JsonObject {
  const { amount, currency, reference, holdId, expiresAt, ownedBy } = asked;
  return {
    ...{ account, kind: holdId === undefined ? 'withdrawal' : 'hold', amount, currency },
    ...(holdId !== undefined && { holdId }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(ownedBy !== undefined && { ownedBy }),
    ...(reference !== undefined && { reference }),
  };
}

/** A freeze overrides an approval: approved spending from a frozen account is given back. */
export function recordApproval(command: CommandNamed<'RecordApproval'>, state: AccountState): Decision {
  const { outcome, approval } = command.data;
  const request = findRequest(state, approval.id);
  if (!request) return no('ACCOUNT.NOT_WAITING', `nothing waits for ${approval.id}`);
  if (!isAnswerOf(request, command)) return no('ACCOUNT.WRONG_APPROVAL', `it is not ${approval.id}`);
  if (outcome !== 'approved') return [refused(request, outcome, state, approval.reason)];
  if (state.status === 'frozen') return [refused(request, 'frozen', state)];
  return [
    { type: 'RequestApproved', data: { ...endOf(request, state), approvedBy: approval.by } },
    approved(request, state),
  ];
}

export function dropRequest({ data }: CommandNamed<'DropRequest'>, state: AccountState): Decision {
  const request = findRequest(state, data.echo);
  if (!request) return no('ACCOUNT.NOT_WAITING', `nothing waits for ${data.echo}`);
  const reason = oneLine(`${data.code}: ${data.detail}`, MAX_REASON);
  return [refused(request, 'not-requested', state, reason)];
}

/** The end of a request without approval. */
export function refused(
  request: SpendingRequest,
  because: DataOf<'RequestRefused'>['because'],
  state: AccountState,
  reason?: string,
): AccountEvent {
  const data = { ...endOf(request, state), because, ...(reason !== undefined && { reason }) };
  return { type: 'RequestRefused', data };
}

function endOf({ approvalId, amount, holdId, asker }: SpendingRequest, { currency }: AccountState) {
  const of = { approvalId, amount, currency };
  return { ...of, ...(holdId !== undefined && { holdId }), ...(asker && { asker }) };
}

function approved(request: SpendingRequest, { currency }: AccountState): AccountEvent {
  const { approvalId: _, contentHash: __, deadline: ___, asker: ____, holdId, ...money } = request;
  return holdId === undefined
    ? { type: 'MoneyWithdrawn', data: { ...money, currency } }
    : { type: 'HoldPlaced', data: { ...money, holdId, currency } };
}

function no(code: AccountRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}
