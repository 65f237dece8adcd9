import { approvalFor, areTooFew, isAnswerOf, MAX_WAITING_REQUESTS } from '#libs/core/approval-limit.js';
import type { InventoryCommand, InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import type { JsonObject } from '#libs/core/json.js';
import { oneLine } from '#libs/core/one-line.js';
import type { Rejection } from '#libs/core/rejection.js';
import { no } from './inventory-rejections.js';
import { type AdjustmentRequest, type InventoryState, MAX_ON_HAND } from './inventory.state.js';

type Decision = readonly InventoryEvent[] | Rejection;
type CommandNamed<Type> = Extract<InventoryCommand, { type: Type }>;
type DataOf<Type> = Extract<InventoryEvent, { type: Type }>['data'];
type Adjustment = Pick<AdjustmentRequest, 'by' | 'reason'>;

const MAX_REASON = 500;

export function setApprovalLimit({ data }: CommandNamed<'SetApprovalLimit'>): Decision {
  const limit = { ...data, candidates: [...new Set(data.candidates)] };
  const { needed, candidates } = limit;
  return areTooFew(limit)
    ? no('STOCK.TOO_FEW_CANDIDATES', `${needed} must approve; the candidates are ${candidates.length}`)
    : [{ type: 'ApprovalLimitSet', data: limit }];
}

export function removeApprovalLimit({ approvalLimit }: InventoryState): Decision {
  return approvalLimit
    ? [{ type: 'ApprovalLimitRemoved', data: {} }]
    : no('STOCK.NO_APPROVAL_LIMIT', 'no approval limit is set');
}

export function adjust(command: CommandNamed<'Adjust'>, state: InventoryState): Decision {
  const { data } = command;
  const { approvalLimit } = state;
  const refusal = impossible(data, state);
  if (refusal) return refusal;
  return approvalLimit && Math.abs(data.by) > approvalLimit.pieces
    ? request(command, approvalLimit, state)
    : [{ type: 'StockAdjusted', data }];
}

function request(
  command: CommandNamed<'Adjust'>,
  limit: NonNullable<InventoryState['approvalLimit']>,
  { requests = [] }: InventoryState,
): Decision {
  if (command.sender !== undefined) {
    return no('STOCK.APPROVAL_NEEDED', `${limit.pieces} need no approval`);
  }
  if (requests.length >= MAX_WAITING_REQUESTS) {
    return no('STOCK.REQUEST_LIMIT', `${MAX_WAITING_REQUESTS} corrections wait for approval`);
  }
  const { data, entityId = '' } = command;
  const approval = approvalFor('inventory', command, contentOf(entityId, data), limit);
  return [{ type: 'AdjustmentRequested', data: { ...approval, ...data } }];
}

/** What is to be approved. */
export function contentOf(item: string, { by, reason }: Adjustment): JsonObject {
  return { item, by, reason };
}

/** No pieces are held meanwhile, so what was approved may have become impossible. */
export function recordApproval(command: CommandNamed<'RecordApproval'>, state: InventoryState): Decision {
  const { outcome, approval } = command.data;
  const found = findRequest(state, approval.id);
  if (!found) return no('STOCK.NOT_WAITING', `nothing waits for ${approval.id}`);
  if (!isAnswerOf(found, command)) return no('STOCK.WRONG_APPROVAL', `it is not ${approval.id}`);
  if (outcome !== 'approved') return [refused(found, outcome, approval.reason)];
  const refusal = impossible(found, state);
  if (refusal) return [refused(found, 'impossible', refusal.detail)];
  const { approvalId, by, reason } = found;
  return [
    { type: 'AdjustmentApproved', data: { approvalId, by, approvedBy: approval.by } },
    { type: 'StockAdjusted', data: { by, reason } },
  ];
}

export function dropRequest({ data }: CommandNamed<'DropRequest'>, state: InventoryState): Decision {
  const found = findRequest(state, data.echo);
  if (!found) return no('STOCK.NOT_WAITING', `nothing waits for ${data.echo}`);
  return [refused(found, 'not-requested', oneLine(`${data.code}: ${data.detail}`, MAX_REASON))];
}

function refused(
  { approvalId, by }: AdjustmentRequest,
  because: DataOf<'AdjustmentRefused'>['because'],
  reason?: string,
): InventoryEvent {
  const data = { approvalId, by, because, ...(reason !== undefined && { reason }) };
  return { type: 'AdjustmentRefused', data };
}

function findRequest({ requests = [] }: InventoryState, id: string): AdjustmentRequest | undefined {
  return requests.find(({ approvalId }) => approvalId === id);
}

function impossible({ by }: Adjustment, state: InventoryState): Rejection | undefined {
  return state.onHand + by < state.reserved
    ? no('STOCK.RESERVED', `${state.reserved} of ${state.onHand} are reserved`)
    : overFull(state, by);
}

/** Far below what a number can represent, so that later returns always fit. */
export function overFull(state: InventoryState, more: number): Rejection | undefined {
  return more > 0 && state.onHand + more > MAX_ON_HAND
    ? no('STOCK.LIMIT', `${state.onHand} are on hand; the limit is ${MAX_ON_HAND}`)
    : undefined;
}
