import { useState } from 'react';
import { useSearch } from '@tanstack/react-router';
import { sendFromDialog } from '../api/deed-command.js';
import { perdure } from '../api/client.js';
import { useList } from '../api/entity.js';
import { useMay, usePolled } from '../api/operations.js';
import { DeedButton } from '../components/deed.js';
import { saveText } from '../components/export.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { Notice } from '../components/states.js';
import { Fields, Status } from '../components/value.js';

interface Import {
  readonly id: string;
  readonly status: string;
  readonly rows: number;
  readonly applied: number;
  readonly rejected: number;
  readonly failed: number;
  readonly left: number;
}

const MOST = { limit: '50' };

/** Imports of stock: how far they are, and what was not applied. */
export function Imports() {
  const { import: id } = useSearch({ from: '/operations/$part' });
  return id === undefined ? <All /> : <One id={id} />;
}

function All() {
  const query = useList('/v1/stock-imports', MOST);
  return (
    <Panel
      title="Imports"
      query={query}
      isEmpty={({ data }) => data.length === 0}
      empty={
        <Notice tone="empty" title="Nothing was imported yet">
          <p>
            A file is uploaded with <code>perdure import</code>, or to <code>/v1/stock-imports</code>.
          </p>
        </Notice>
      }
    >
      {({ data }) => (
        <Rows
          label="Imports"
          rows={data}
          linkOf={({ id }) => `/operations/imports?import=${encodeURIComponent(String(id))}`}
        />
      )}
    </Panel>
  );
}

function One({ id }: { readonly id: string }) {
  const query = usePolled<Import>(`/v1/stock-imports/${encodeURIComponent(id)}`, {}, 2_000);
  return (
    <>
      <p>
        <To to="/operations/imports">All imports</To>
      </p>
      <Panel title={<span className="text-break">{id}</span>} query={query} lines={12}>
        {(one) => (
          <>
            <p>
              <Status value={one.status} /> {(one.rows - one.left).toLocaleString()} of{' '}
              {one.rows.toLocaleString()} rows
              <progress max={Math.max(1, one.rows)} value={one.rows - one.left} aria-label="Rows" />
            </p>
            <div className="verb-line">
              <Verbs id={id} status={one.status} />
              <Report id={id} name="rejects" title="Save the rejects" />
              <Report id={id} name="results" title="Save the results" />
            </div>
            <Fields of={{ ...one }} without={['id', 'status', 'links']} />
          </>
        )}
      </Panel>
    </>
  );
}

interface ReportProps {
  readonly id: string;
  readonly name: 'rejects' | 'results';
  readonly title: string;
}

/** Saves a report as CSV. A report may be gone, which is said. */
function Report({ id, name, title }: ReportProps) {
  const [problem, setProblem] = useState('');
  const load = async (): Promise<void> => {
    const path = `/v1/stock-imports/${encodeURIComponent(id)}/${name}`;
    const response = await perdure.request(path, { headers: { accept: 'text/csv' } });
    saveText(`${name}.csv`, 'text/csv', await response.text());
  };
  return (
    <>
      <button
        type="button"
        className="small-button"
        onClick={() =>
          void load().then(
            () => setProblem(''),
            (error: Error) => setProblem(error.message),
          )
        }
      >
        {title}
      </button>
      {problem !== '' && (
        <span className="mistake" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}

const RETRIED = ['waiting', 'stopped'];
const MOVING = ['checking', 'running'];

const VERBS = [
  { verb: 'Pause', route: 'pause', in: MOVING, about: 'No more rows are sent. Those under way end.' },
  { verb: 'Resume', route: 'resume', in: ['paused'], about: 'The rest of the rows is sent.' },
  {
    verb: 'Retry failed',
    route: 'retry-failed',
    in: RETRIED,
    about: 'Rows with an unknown outcome are sent again. None is applied twice.',
  },
  { verb: 'Finish', route: 'finish', in: RETRIED, about: 'It ends without the rows that have failed.' },
  {
    verb: 'Cancel',
    route: 'cancel',
    in: [...MOVING, 'paused', ...RETRIED],
    about: 'It stops. Rows that were applied stay.',
    isDangerous: true,
    reason: 'required',
  },
] as const;

function Verbs({ id, status }: { readonly id: string; readonly status: string }) {
  const may = useMay();
  return VERBS.filter((one) => (one.in as readonly string[]).includes(status))
    .filter(({ route }) => may(`/v1/stock-imports/{id}/${route}`))
    .map(({ route, ...one }) => (
      <DeedButton
        key={route}
        deed={{
          ...one,
          name: id,
          act: (given) =>
            sendFromDialog(
              `/v1/stock-imports/${encodeURIComponent(id)}/${route}`,
              route === 'cancel' ? { reason: given.reason } : {},
              given,
            ),
        }}
      />
    ));
}
