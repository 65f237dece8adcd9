import type { ReactNode } from 'react';
import { inWords } from '../api/catalog.js';
import { currencyOf, isMoney, money } from './money.js';
import { Time } from './time.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Words for how something stands. The colour only repeats what they say. */
export function Status({ value }: { readonly value: string }) {
  return (
    <span className="status" data-status={value}>
      {value}
    </span>
  );
}

interface ValueProps {
  readonly name: string;
  readonly value: unknown;
  readonly currency?: string | undefined;
}

/** A value of JSON for people: times relative, money in its currency, statuses marked. */
export function Value({ name, value, currency }: ValueProps): ReactNode {
  if (value === undefined || value === null) return <span className="quiet">–</span>;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return amountOf(name, value, currency);
  if (typeof value === 'string') {
    if (TIME.test(value)) return <Time at={value} />;
    if (name === 'status' || name === 'state') return <Status value={value} />;
    return value === '' ? <span className="quiet">empty</span> : <span className="text">{value}</span>;
  }
  if (Array.isArray(value)) return <Items name={name} items={value} currency={currency} />;
  return <Fields of={value as Readonly<Record<string, unknown>>} currency={currency} />;
}

function amountOf(name: string, value: number, currency: string | undefined): string {
  const amount = currency !== undefined && isMoney(name) ? money(value, currency) : undefined;
  return amount ?? value.toLocaleString();
}

interface ItemsProps {
  readonly name: string;
  readonly items: readonly unknown[];
  readonly currency: string | undefined;
}

const MAX_ITEMS = 50;

function Items({ name, items, currency }: ItemsProps) {
  if (items.length === 0) return <span className="quiet">none</span>;
  if (items.every((item) => typeof item !== 'object')) return items.join(', ');
  return (
    <ol className="items">
      {items.slice(0, MAX_ITEMS).map((item, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <li key={index}>
          <Value name={name} value={item} currency={currencyOf(item, currency)} />
        </li>
      ))}
      {items.length > MAX_ITEMS && <li className="quiet">{items.length - MAX_ITEMS} more: see the JSON</li>}
    </ol>
  );
}

interface FieldsProps {
  readonly of: Readonly<Record<string, unknown>>;
  readonly currency?: string | undefined;
  /** Fields that are shown elsewhere. */
  readonly without?: readonly string[];
}

/** The fields of an object, one a line. */
export function Fields({ of, currency, without = [] }: FieldsProps) {
  const known = currencyOf(of, currency);
  const entries = Object.entries(of).filter(([name]) => !without.includes(name));
  return (
    <dl className="fields">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{inWords(name)}</dt>
          <dd>
            <Value name={name} value={value} currency={known} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
