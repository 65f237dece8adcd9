import type { KeyboardEvent } from 'react';
import { inWords } from '../api/catalog.js';
import { columnsOf } from './export.js';
import { To } from './link.js';
import { currencyOf } from './money.js';
import { Value } from './value.js';

type Row = Readonly<Record<string, unknown>>;

interface RowsProps {
  readonly label: string;
  readonly rows: readonly Row[];
  /** Where a row leads, if anywhere. */
  readonly linkOf?: (row: Row) => string | undefined;
  readonly currency?: string | undefined;
}

/** Rows as a table. Arrow keys go from row to row, Enter opens one. */
export function Rows({ label, rows, linkOf, currency }: RowsProps) {
  const columns = columnsOf(rows);
  return (
    <div className="scroll" role="region" aria-label={`Rows of ${label}`} tabIndex={0}>
      <table onKeyDown={moveByArrows}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" data-number={typeof rows[0]?.[column] === 'number' || undefined}>
                {inWords(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- rows of some lists have no id
            <tr key={at}>
              {columns.map((column, index) => (
                <Cell
                  key={column}
                  name={column}
                  value={row[column]}
                  currency={currencyOf(row, currency)}
                  link={index === linkColumn(columns) ? linkOf?.(row) : undefined}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const linkColumn = (columns: readonly string[]): number => Math.max(0, columns.indexOf('id'));

interface CellProps {
  readonly name: string;
  readonly value: unknown;
  readonly currency: string | undefined;
  readonly link: string | undefined;
}

function Cell({ name, value, currency, link }: CellProps) {
  const shown = <Value name={name} value={value} currency={currency} />;
  return (
    <td data-number={typeof value === 'number' || undefined}>
      {link === undefined ? shown : <To to={link}>{shown}</To>}
    </td>
  );
}

function moveByArrows(event: KeyboardEvent<HTMLTableElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('tbody a')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = links[at + step];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
