import type { ReactNode } from 'react';

interface GridProps {
  readonly label: string;
  readonly columns: readonly string[];
  /** Rows of a table, as `<tr>`. */
  readonly children: ReactNode;
}

/** A table whose rows are written by hand, because they have verbs. It scrolls by itself. */
export function Grid({ label, columns, children }: GridProps) {
  return (
    <div className="scroll" role="region" aria-label={`Rows of ${label}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        {children}
      </table>
    </div>
  );
}
