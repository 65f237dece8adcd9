import { useSearch } from '@tanstack/react-router';
import { perdure } from '../api/client.js';
import { useMay, usePolled } from '../api/operations.js';
import { type Deed, DeedButton } from '../components/deed.js';
import { Grid } from '../components/grid.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { duration } from '../components/durations.js';
import { Time } from '../components/time.js';
import { Status } from '../components/value.js';

interface InUse {
  readonly used: number;
  readonly total: number;
}

interface Failure {
  readonly at: string;
  readonly reason: string;
}

interface Worker {
  readonly worker: string;
  readonly state: string;
  readonly restarts: number;
  readonly lastFailure?: Failure;
  readonly slots: Readonly<Partial<Record<'workflowTasks' | 'localActivities' | 'activities', InUse>>>;
  readonly cache?: InUse;
  readonly backlog?: number;
  readonly backlogSeconds?: number;
}

export interface Process {
  readonly process: string;
  readonly id: string;
  readonly service: string;
  readonly state: string;
  readonly roles: readonly string[];
  readonly build?: string;
  readonly memoryBytes: number;
  readonly heardAt: string;
  readonly startedAt: string;
  readonly restarts: number;
  readonly lastFailure?: Failure;
  readonly acknowledgedAt?: string;
  readonly unready?: string;
  readonly workers: readonly Worker[];
}

interface Order {
  readonly [field: string]: unknown;
}

const MEGABYTE = 1_048_576;

/** The processes of all services, or one, their workers, and what operators ordered them to do. */
export function Workers() {
  const { process: one } = useSearch({ from: '/operations/$part' });
  const query = usePolled<{ data: readonly Process[] }>('/v1/workers');
  const orders = usePolled<{ data: readonly Order[] }>('/v1/workers/orders');
  return (
    <>
      <Panel
        title={one === undefined ? 'Processes' : `Process ${one}`}
        query={query}
        lines={14}
        isEmpty={({ data }) => data.length === 0}
        actions={one !== undefined && <To to="/operations/workers">All processes</To>}
      >
        {({ data }) => (
          <Grid label="Processes and their workers" columns={COLUMNS}>
            {data
              .filter(({ process }) => one === undefined || process === one)
              .map((process) => (
                <ProcessRows key={process.id} process={process} />
              ))}
          </Grid>
        )}
      </Panel>
      <Panel title="Orders" query={orders} lines={2} isEmpty={({ data }) => data.length === 0}>
        {({ data }) => <Rows label="Orders" rows={data} />}
      </Panel>
    </>
  );
}

const COLUMNS = [
  'Process, worker',
  'State',
  'Restarts',
  'Slots in use',
  'Cache',
  'Waiting',
  'Heard',
  'Verbs',
];

function ProcessRows({ process }: { readonly process: Process }) {
  const { state, restarts, lastFailure, memoryBytes, heardAt, unready, roles, workers } = process;
  return (
    <tbody>
      <tr className="group-row">
        <th scope="row" title={`${roles.join(', ')} · ${process.id}`}>
          {process.process}
        </th>
        <td>
          <Status value={state} /> {unready}
        </td>
        <Restarts count={restarts} failure={lastFailure} />
        <td colSpan={3} className="quiet">
          {Math.round(memoryBytes / MEGABYTE).toLocaleString()} MiB · started <Time at={process.startedAt} />
        </td>
        <td>
          <Time at={heardAt} />
        </td>
        <td>
          {state === 'running' && workers.length > 0 && (
            <WorkerVerbs process={process.process} states={workers.map((worker) => worker.state)} />
          )}
          {isToSee(process) && <Acknowledge process={process.process} />}
        </td>
      </tr>
      {workers.map((worker) => (
        <WorkerRow key={worker.worker} worker={worker} process={process} />
      ))}
    </tbody>
  );
}

function WorkerRow({ worker, process }: { readonly worker: Worker; readonly process: Process }) {
  const { state, restarts, lastFailure, slots, cache, backlog, backlogSeconds = 0 } = worker;
  const { workflowTasks, localActivities, activities } = slots;
  const used = Object.entries({ workflows: workflowTasks, local: localActivities, calls: activities });
  return (
    <tr>
      <th scope="row" className="inner">
        {worker.worker}
      </th>
      <td>
        <Status value={state} />
      </td>
      <Restarts count={restarts} failure={lastFailure} />
      <td>
        {used
          .flatMap(([name, slot]) => (slot && slot.total > 0 ? [`${name} ${slot.used}/${slot.total}`] : []))
          .join(' · ')}
      </td>
      <td>{cache && `${cache.used}/${cache.total}`}</td>
      <td>
        {backlog?.toLocaleString()}
        {backlogSeconds > 0 && `, for ${duration(backlogSeconds * 1_000)}`}
      </td>
      <td />
      <td>
        {process.state === 'running' && (
          <WorkerVerbs process={process.process} worker={worker.worker} states={[state]} />
        )}
      </td>
    </tr>
  );
}

function Restarts({ count, failure }: { readonly count: number; readonly failure: Failure | undefined }) {
  return (
    <td>
      {count}
      {failure && (
        <span className="text" title={failure.reason}>
          {' '}
          <Time at={failure.at} />: {failure.reason}
        </span>
      )}
    </td>
  );
}

const HALTED: readonly string[] = ['paused', 'draining'];

const VERBS = [
  {
    verb: 'pause',
    title: 'Pause',
    about: 'It finishes what it does, and takes up nothing new until it is resumed.',
  },
  { verb: 'resume', title: 'Resume', about: 'It takes up work again.' },
  { verb: 'drain', title: 'Drain', about: 'It finishes what it does. A whole process also turns unready.' },
] as const;

interface VerbsProps {
  readonly process: string;
  /** Without one, all workers of the process are meant. */
  readonly worker?: string;
  readonly states: readonly string[];
}

/** Whether it is silent, or something in it has failed, since somebody last said that it was seen. */
function isToSee({ state, heardAt, acknowledgedAt = '', lastFailure, workers }: Process): boolean {
  const failures = [lastFailure, ...workers.map((worker) => worker.lastFailure)];
  const isSilent = state === 'silent' && heardAt > acknowledgedAt;
  return isSilent || failures.some((failure) => failure !== undefined && failure.at > acknowledgedAt);
}

function Acknowledge({ process }: { readonly process: string }) {
  const path = `/v1/workers/${encodeURIComponent(process)}/acknowledge`;
  if (!useMay()('/v1/workers/{process}/acknowledge')) return null;
  const deed: Deed = {
    verb: 'Acknowledge',
    name: process,
    about: 'Its failures until now were seen: they do not need a person any more. Nothing else changes.',
    reason: 'optional',
    act: ({ reason }) => perdure.post(path, { ...(reason !== undefined && { reason }) }),
  };
  return (
    <span className="verbs">
      <DeedButton deed={deed} of={`process ${process}`} />
    </span>
  );
}

/** Pause, resume and drain a worker, or all of a process. */
export function WorkerVerbs({ process, worker, states }: VerbsProps) {
  const may = useMay();
  const isUseful = (verb: string): boolean =>
    states.some((state) => HALTED.includes(state) === (verb === 'resume'));
  const deeds = VERBS.filter(({ verb }) => isUseful(verb) && may(`/v1/workers/{process}/${verb}`));
  return (
    <span className="verbs">
      {deeds.map(({ verb, title, about }) => {
        const deed: Deed = {
          verb: title,
          name: worker ?? process,
          about: worker === undefined ? `${about} This is for all of the process.` : about,
          isDangerous: verb === 'drain',
          reason: 'optional',
          act: ({ reason }) =>
            perdure.post(`/v1/workers/${encodeURIComponent(process)}/${verb}`, {
              ...(worker !== undefined && { worker }),
              ...(reason !== undefined && { reason }),
            }),
        };
        return <DeedButton key={verb} deed={deed} of={worker ?? `process ${process}`} />;
      })}
    </span>
  );
}
