import type { InventoryCommand, InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { isRejection, type Rejection } from '#libs/core/rejection.js';
import {
  adjust,
  dropRequest,
  overFull,
  recordApproval,
  removeApprovalLimit,
  setApprovalLimit,
} from './inventory-adjustments.decide.js';
import { no } from './inventory-rejections.js';
import {
  confirmReservation,
  expireReservation,
  extendReservation,
  releaseReservation,
  reserve,
  returnReservation,
} from './inventory-reservations.decide.js';
import {
  cancelWait,
  declineWait,
  expireWait,
  setWaitLimit,
  settleWaiters,
} from './inventory-waitlist.decide.js';
import { evolveInventory } from './inventory.evolve.js';
import { settleOwned } from './inventory.owners.js';
import { available, type InventoryState, isLow } from './inventory.state.js';

export type InventoryDecision = readonly InventoryEvent[] | Rejection;

/**
 * The effect of the command itself, then the reservations in line that can be served because of it,
 * then notices about the item.
 */
export function decideInventory(command: InventoryCommand, state: InventoryState): InventoryDecision {
  if (command.type !== 'Receive' && state.status === 'none') {
    return no('STOCK.NOT_FOUND', 'no stock of it was ever received');
  }
  const letGo = settleOwned(command, state);
  const before = letGo.reduce(evolveInventory, state);
  const decision = decide(command, before);
  if (isRejection(decision)) return decision;
  const changed = decision.reduce(evolveInventory, before);
  const settled = settleWaiters(changed, command.at);
  const events = [...letGo, ...decision, ...settled];
  if (events.length === 0) return no('WAITLIST.NONE_TO_SERVE', 'nobody in line can be served');
  return [...events, ...alerts(state, settled.reduce(evolveInventory, changed))];
}

function decide(command: InventoryCommand, state: InventoryState): InventoryDecision {
  switch (command.type) {
    case 'Receive':
      return overFull(state, command.data.quantity) ?? [{ type: 'StockReceived', data: command.data }];
    case 'Adjust':
      return adjust(command, state);
    case 'Reserve':
      return discontinued(state) ?? reserve(command, state);
    case 'ExtendReservation':
      return extendReservation(command, state);
    case 'ConfirmReservation':
      return confirmReservation(command, state);
    case 'ReleaseReservation':
      return releaseReservation(command, state);
    case 'ReturnReservation':
      return returnReservation(command, state);
    case 'CancelWait':
      return cancelWait(command, state);
    case 'DeclineWait':
      return declineWait(command, state);
    case 'SetWaitLimit':
      return setWaitLimit(command, state);
    case 'SetReorderPoint':
      return command.data.reorderPoint === state.reorderPoint
        ? no('REORDER_POINT.SAME', `the reorder point is already ${state.reorderPoint}`)
        : [{ type: 'ReorderPointSet', data: command.data }];
    case 'SetApprovalLimit':
      return setApprovalLimit(command);
    case 'RemoveApprovalLimit':
      return removeApprovalLimit(state);
    case 'RecordApproval':
      return recordApproval(command, state);
    case 'DropRequest':
      return dropRequest(command, state);
    case 'Discontinue':
      return discontinued(state) ?? [{ type: 'StockDiscontinued', data: command.data }];
    case 'ExpireReservation':
      return expireReservation(command, state);
    case 'ExpireWait':
      return expireWait(command, state);
    case 'ServeWaitlist':
      return [];
    default:
      return unknown(command);
  }
}

function discontinued(state: InventoryState): Rejection | undefined {
  return state.status === 'discontinued'
    ? no('STOCK.DISCONTINUED', 'the item is discontinued permanently')
    : undefined;
}

function alerts(before: InventoryState, after: InventoryState): readonly InventoryEvent[] {
  if (after.status === 'discontinued') return [];
  const left = available(after);
  const { reorderPoint, isSoldOut, waiting } = after;
  return [
    ...(reorderPoint !== undefined && isLow(after) && !isLow(before)
      ? [{ type: 'LowStock' as const, data: { available: left, reorderPoint } }]
      : []),
    ...(isSoldOut && left > 0 && waiting.length === 0
      ? [{ type: 'BackInStock' as const, data: { available: left } }]
      : []),
  ];
}

/** The contract accepts no other type. A new one fails to compile here. */
function unknown(command: never): never {
  throw new TypeError(`no rule for ${(command as InventoryCommand).type}`);
}
