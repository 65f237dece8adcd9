import { useQuery } from '@tanstack/react-query';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import type { ServiceName } from '#contracts/services.js';
import { perdure } from '../api/client.js';
import { operationsOf, useMay, usePolled } from '../api/operations.js';
import { type Deed, DeedButton, type Given } from '../components/deed.js';
import { Grid } from '../components/grid.js';
import { Json } from '../components/json.js';
import { Panel } from '../components/panel.js';
import { Notice } from '../components/states.js';
import { Fields, Status } from '../components/value.js';

interface RebuildState {
  readonly state: 'filling' | 'switched' | 'rolled-back' | 'cancelled';
  readonly operator: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly throttle?: number;
  readonly records?: { readonly total: number; readonly done: number };
  readonly behind?: number;
  readonly isReady: boolean;
}

interface Difference {
  readonly moving: { readonly ahead: number; readonly behind: number };
  readonly tables: readonly {
    readonly table: string;
    readonly equal: number;
    readonly changed: number;
    readonly missing: number;
    readonly extra: number;
    readonly samples: readonly object[];
  }[];
}

interface RebuildProps {
  readonly service: ServiceName;
  readonly view: string;
}

/** The rebuild of a view next to the one that serves: how far it is, and what would change. */
export function Rebuild({ service, view }: RebuildProps) {
  const path = `${operationsOf(service)}/views/${view}/rebuild`;
  const query = usePolled<RebuildState>(path);
  const isNone = query.error instanceof PerdureProblem && query.error.code === 'VIEW.REBUILD_STATE';
  const state = query.data?.state;
  const verbs = <Verbs service={service} view={view} state={isNone ? 'none' : state} />;
  if (isNone) {
    return (
      <section className="panel" aria-label={`Rebuild of ${view}`}>
        <header className="panel-head">
          <h2>Rebuild of {view}</h2>
          <div className="panel-actions">{verbs}</div>
        </header>
        <Notice tone="empty" title="It was never rebuilt" />
      </section>
    );
  }
  return (
    <>
      <Panel title={`Rebuild of ${view}`} query={query} actions={verbs}>
        {({ records, ...rest }) => (
          <>
            {records && (
              <p>
                <Status value={rest.state} /> {records.done.toLocaleString()} of{' '}
                {records.total.toLocaleString()} records
                <progress max={Math.max(1, records.total)} value={records.done} aria-label="Records" />
              </p>
            )}
            <Fields of={rest} without={['id', 'view']} />
          </>
        )}
      </Panel>
      {(state === 'filling' || state === 'switched') && <RowDifference path={path} />}
    </>
  );
}

function RowDifference({ path }: { readonly path: string }) {
  const query = useQuery({
    queryKey: ['operations', path, 'diff'],
    queryFn: ({ signal }) => perdure.get<Difference>(`${path}/diff`, { signal }),
    staleTime: 10_000,
  });
  return (
    <Panel
      title="Row difference"
      query={query}
      actions={
        <button type="button" className="quiet-button" onClick={() => void query.refetch()}>
          Compare again
        </button>
      }
    >
      {({ moving, tables }) => (
        <>
          <Grid label="Row difference" columns={['Table', 'Equal', 'Changed', 'Missing', 'Extra']}>
            <tbody>
              {tables.map(({ table, equal, changed, missing, extra }) => (
                <tr key={table}>
                  <th scope="row">{table}</th>
                  {[equal, changed, missing, extra].map((count, at) => (
                    <td key={COUNTS[at]} data-number>
                      {count.toLocaleString()}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </Grid>
          <p className="quiet">
            Missing rows are new; extra rows only the serving view has. {moving.ahead + moving.behind}{' '}
            entities are at another revision.
          </p>
          {tables.some(({ samples }) => samples.length > 0) && (
            <Json value={tables.map(({ table, samples }) => ({ table, samples }))} label="Samples" />
          )}
        </>
      )}
    </Panel>
  );
}

const COUNTS = ['equal', 'changed', 'missing', 'extra'] as const;

interface Verb extends Omit<Deed, 'name' | 'act'> {
  /** What follows `…/rebuild` in the route. */
  readonly route: '' | '/switch' | '/rollback' | '/cancel';
  readonly in: readonly (RebuildState['state'] | 'none')[];
  readonly bodyOf?: (given: Given) => object;
}

const VERBS: readonly Verb[] = [
  {
    verb: 'Rebuild',
    route: '',
    in: ['none', 'switched', 'rolled-back', 'cancelled'],
    about: 'Builds the view again next to the one that serves. Nothing that is read changes.',
    field: { label: 'Events per second and process at most', start: '1000', isOptional: true },
    bodyOf: ({ text }) => (text === '' ? {} : { throttle: Number(text) }),
  },
  {
    verb: 'Switch',
    route: '/switch',
    in: ['filling'],
    about: 'From now on the rebuilt view serves. It can be rolled back.',
    isDangerous: true,
    choice: 'Also if it has parked entities that the serving view shows',
    bodyOf: ({ isChosen }) => (isChosen ? { acceptParked: true } : {}),
  },
  {
    verb: 'Roll back',
    route: '/rollback',
    in: ['switched'],
    about: 'The view that served before serves again.',
    isDangerous: true,
  },
  {
    verb: 'Cancel',
    route: '/cancel',
    in: ['filling'],
    about: 'Ends the rebuild, and removes what it has written.',
    isDangerous: true,
  },
];

interface VerbsProps extends RebuildProps {
  readonly state: RebuildState['state'] | 'none' | undefined;
}

function Verbs({ service, view, state }: VerbsProps) {
  const may = useMay();
  const base = `${operationsOf(service)}/views`;
  return VERBS.filter((one) => state !== undefined && one.in.includes(state))
    .filter(({ route }) => may(`${base}/{view}/rebuild${route}`))
    .map(({ route, bodyOf, ...rest }) => {
      const act = ({ reason, ...given }: Given): Promise<object> =>
        perdure.post(`${base}/${view}/rebuild${route}`, {
          ...(reason !== undefined && { reason }),
          ...bodyOf?.(given),
        });
      return <DeedButton key={route} deed={{ ...rest, name: view, reason: 'optional', act }} />;
    });
}
