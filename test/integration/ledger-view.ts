import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DomainEvent } from '#libs/core/decider.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { defineView } from '#libs/core/view-definition.js';
import { registerView, type ViewRegistration } from '#libs/read-model/view-registration.js';

interface Ledger {
  readonly total: number;
  readonly note: string | null;
}

export type LedgerEvent = DomainEvent<'Added', { readonly amount: number; readonly note?: string }>;

/**
 * A view with a row an entity and a row an event, and the last note in its state; it throws for the
 * amount 666. Views of other names have tables of their own.
 */
export function ledgerView(category: string, name = 'ledger'): ViewRegistration {
  const suffix = name === 'ledger' ? category : `${category}_${name}`;
  const tables = {
    totals: {
      name: `totals_${suffix}`,
      key: ['id'],
      columns: { id: 'text', total: 'bigint', revision: 'bigint' },
    },
    entries: {
      name: `entries_${suffix}`,
      key: ['id', 'revision'],
      columns: { id: 'text', revision: 'bigint', amount: 'bigint', note: 'text?' },
    },
  } as const;
  const view = defineView<Ledger, LedgerEvent, typeof tables>({
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
  const file = join(mkdtempSync(join(tmpdir(), 'ledger-view-')), 'migration.sql');
  writeFileSync(
    file,
    `CREATE TABLE read_model.totals_${suffix} (id text PRIMARY KEY, total bigint NOT NULL, revision bigint NOT NULL);
     CREATE TABLE read_model.entries_${suffix} (
       id text, revision bigint, amount bigint NOT NULL, note text, PRIMARY KEY (id, revision));`,
  );
  return registerView(view, pathToFileURL(file));
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
