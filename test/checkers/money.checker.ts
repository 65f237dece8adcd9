import { type BalanceFact, type EventFact, groupBy } from './facts.js';

/** The effect of an event on the balance. */
const sign: Readonly<Record<string, 1 | -1>> = {
  MoneyDeposited: 1,
  DepositReversed: -1,
  MoneyWithdrawn: -1,
  HoldCaptured: -1,
};

/**
 * I1, money: per currency, the sum of all balances is what was paid in, less what was paid out and
 * captured, according to the streams and to each of the `shown` sources (entities, views). No
 * balance was ever negative, at any revision.
 */
export function checkMoney(
  events: readonly EventFact[],
  shown: Readonly<Record<string, readonly BalanceFact[]>>,
): string[] {
  const violations: string[] = [];
  const totals = new Map<string, number>();
  for (const [stream, own] of groupBy(events, (event) => event.stream)) {
    let balance = 0;
    for (const { type, data, revision } of own) {
      const moved = (sign[type] ?? 0) * Number(data['captured'] ?? data['amount'] ?? 0);
      if (moved === 0) continue;
      balance += moved;
      const currency = String(data['currency']);
      totals.set(currency, (totals.get(currency) ?? 0) + moved);
      if (balance < 0) violations.push(`${stream} has a balance of ${balance} at revision ${revision}`);
    }
  }
  for (const [source, balances] of Object.entries(shown)) {
    violations.push(...compare(source, totals, balances));
  }
  return violations;
}

function compare(source: string, totals: ReadonlyMap<string, number>, balances: readonly BalanceFact[]) {
  const shown = new Map<string, number>();
  for (const { currency, balance } of balances) shown.set(currency, (shown.get(currency) ?? 0) + balance);
  return [...new Set([...totals.keys(), ...shown.keys()])].flatMap((currency) => {
    const [expected, found] = [totals.get(currency) ?? 0, shown.get(currency) ?? 0];
    return expected === found ? [] : [`${source} show ${found} ${currency}, the streams ${expected}`];
  });
}
