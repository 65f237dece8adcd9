import { type EventFact, groupBy } from './facts.js';

/** The effect of an event on the pieces on hand, and on those reserved. */
const effects: Readonly<Record<string, readonly [onHand: number, reserved: number]>> = {
  StockReceived: [1, 0],
  StockReserved: [0, 1],
  ReservationConfirmed: [-1, -1],
  ReservationReleased: [0, -1],
  ReservationExpired: [0, -1],
  ReservationReturned: [1, 0],
};

/** What an entity or a view shows of an item. */
export interface StockFact {
  readonly stream: string;
  readonly onHand: number;
  readonly reserved: number;
}

/**
 * I1, stock: on hand is available plus reserved, and neither is ever negative, so nothing is
 * oversold. Each of the `shown` sources matches the sum of the streams.
 */
export function checkStock(
  events: readonly EventFact[],
  shown: Readonly<Record<string, readonly StockFact[]>>,
): string[] {
  const violations: string[] = [];
  const items = new Map<string, { onHand: number; reserved: number }>();
  for (const [stream, own] of groupBy(events, (event) => event.stream)) {
    const item = { onHand: 0, reserved: 0 };
    items.set(stream, item);
    for (const { type, data, revision } of own) {
      const [onHand, reserved] = effects[type] ?? [0, 0];
      const quantity = Number(data['quantity'] ?? 0);
      item.onHand += type === 'StockAdjusted' ? Number(data['by']) : onHand * quantity;
      item.reserved += reserved * quantity;
      const isSound = item.reserved >= 0 && item.onHand >= item.reserved;
      if (!isSound) violations.push(`${stream} holds ${said(item)} at revision ${revision}`);
    }
  }
  for (const [source, facts] of Object.entries(shown)) {
    for (const { stream, onHand, reserved } of facts) {
      const [found, expected] = [said({ onHand, reserved }), said(items.get(stream))];
      if (found !== expected) violations.push(`${source} show ${found} of ${stream}, its stream ${expected}`);
    }
  }
  return violations;
}

function said({ onHand, reserved } = { onHand: 0, reserved: 0 }): string {
  return `${onHand} pieces, ${reserved} of them reserved`;
}
