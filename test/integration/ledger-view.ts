import type { DomainEvent } from '#libs/core/decider.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';

interface Ledger {
  readonly total: number;
  readonly note: string | null;
}

export type LedgerEvent = DomainEvent<'Added', { readonly amount: number; readonly note?: string }>;

/**
 * A view with a row per entity and a row per event, and the last note in its state. It throws for
 * the amount 666. Each name has its own tables.
 */
export function ledgerView(category: string, name = 'ledger') {
  const suffix = name === 'ledger' ? category : `${category}_${name}`;
  const tables = {
    totals: viewTable(`totals_${suffix}`, {
      key: ['id'],
      row: { id: 'text', total: 'bigint', revision: 'bigint' },
    }),
    entries: viewTable(`entries_${suffix}`, {
      key: ['id', 'revision'],
      row: { id: 'text', revision: 'bigint', amount: 'bigint', note: 'text?' },
    }),
  };
  return defineView<Ledger, LedgerEvent, typeof tables>({
    name,
    version: 1,
    category,
    tables,
    initialState: { total: 0, note: null },
    project(before, { entityId: id, revision, data: { amount, note = null } }) {
      if (amount === 666) throw new RangeError('the amount of the beast');
      const total = before.total + amount;
      return {
        state: { total, note },
        rows: { totals: [{ id, total, revision }], entries: [{ id, revision, amount, note }] },
      };
    },
  });
}

export interface TotalRow {
  readonly id: string;
  readonly total: string;
  readonly revision: string;
}

/**
 * What the rows must be, computed without the code under test: sums over the events of each stream.
 */
export function expectedTotals(events: readonly RecordedEvent[]): TotalRow[] {
  const totals = new Map<string, { total: number; revision: number }>();
  for (const { stream, revision, data } of events) {
    const id = stream.slice(stream.indexOf('.') + 1);
    const total = (totals.get(id)?.total ?? 0) + Number(data['amount']);
    totals.set(id, { total, revision });
  }
  return [...totals]
    .map(([id, { total, revision }]) => ({ id, total: String(total), revision: String(revision) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
