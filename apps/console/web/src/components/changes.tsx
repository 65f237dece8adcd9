import type { Change } from '../api/history.js';
import { pathInWords } from './pointer.js';
import { Value } from './value.js';

interface ChangesProps {
  readonly changes: readonly Change[];
  readonly currency?: string | undefined;
}

/** What differs between two states: each field with its value before and after. */
export function Changes({ changes, currency }: ChangesProps) {
  if (changes.length === 0) return <p className="quiet">Nothing differs.</p>;
  const shown = (path: string, value: unknown) => (
    <Value name={path.slice(path.lastIndexOf('/') + 1)} value={value} currency={currency} />
  );
  return (
    <div className="scroll" role="region" aria-label="Changes" tabIndex={0}>
      <table className="changes">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ path, from, to }) => (
            <tr key={path}>
              <td>{pathInWords(path)}</td>
              <td>{from === undefined ? '–' : <del>{shown(path, from)}</del>}</td>
              <td>{to === undefined ? '–' : <ins>{shown(path, to)}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
