import { useSearch } from '@tanstack/react-router';
import { perdure } from '../api/client.js';
import { useMay, usePolled } from '../api/operations.js';
import { type Deed, DeedButton } from '../components/deed.js';
import { Grid } from '../components/grid.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { Notice } from '../components/states.js';
import { Time } from '../components/time.js';
import { Fields, Status } from '../components/value.js';

interface Schedule {
  readonly schedule: string;
  readonly service: string;
  readonly type: string;
  readonly times: readonly string[];
  readonly timeZone: string;
  readonly paused?: { readonly by?: string; readonly at?: string; readonly reason: string };
  readonly next: readonly string[];
  readonly running: number;
  readonly started: number;
  readonly missed: number;
  readonly skipped: number;
}

type Row = Readonly<Record<string, unknown>>;

interface ScheduleView extends Schedule {
  readonly runs: readonly Row[];
  readonly actions: readonly Row[];
}

const COLUMNS = ['Schedule', 'State', 'When', 'Next', 'Running', 'Started', 'Missed', 'Skipped', 'Verbs'];

/** What is started at times, and when next. */
export function Schedules() {
  const { schedule } = useSearch({ from: '/operations/$part' });
  return schedule === undefined ? <All /> : <One name={schedule} />;
}

function All() {
  const query = usePolled<{ data: readonly Schedule[] }>('/v1/schedules');
  return (
    <Panel title="Schedules" query={query} isEmpty={({ data }) => data.length === 0}>
      {({ data }) => (
        <Grid label="Schedules" columns={COLUMNS}>
          <tbody>
            {data.map((one) => (
              <ScheduleRow key={one.schedule} schedule={one} />
            ))}
          </tbody>
        </Grid>
      )}
    </Panel>
  );
}

function ScheduleRow({ schedule: one }: { readonly schedule: Schedule }) {
  const { schedule, paused, times, timeZone, next, running, started, missed, skipped } = one;
  const [soonest] = next;
  return (
    <tr>
      <td>
        <To to={`/operations/schedules?schedule=${encodeURIComponent(schedule)}`}>{schedule}</To>
      </td>
      <td title={paused?.reason}>
        <Status value={paused ? 'paused' : 'active'} />
      </td>
      <td>
        {times.join(', ')} <span className="quiet">{timeZone}</span>
      </td>
      <td>{soonest === undefined ? '–' : <Time at={soonest} />}</td>
      {Object.entries({ running, started, missed, skipped }).map(([name, count]) => (
        <td key={name} data-number>
          {count.toLocaleString()}
        </td>
      ))}
      <td>
        <Verbs schedule={one} />
      </td>
    </tr>
  );
}

function One({ name }: { readonly name: string }) {
  const query = usePolled<ScheduleView>(`/v1/schedules/${encodeURIComponent(name)}`);
  return (
    <>
      <p>
        <To to="/operations/schedules">All schedules</To>
      </p>
      <Panel title={name} query={query} lines={14}>
        {(schedule) => (
          <>
            <div className="verb-line">
              <Verbs schedule={schedule} />
            </div>
            <Fields of={{ ...schedule }} without={['schedule', 'next', 'runs', 'actions']} />
            <h3>Next times</h3>
            <ol className="rows">
              {schedule.next.map((at) => (
                <li key={at}>
                  <Time at={at} /> <span className="quiet">{at}</span>
                </li>
              ))}
            </ol>
          </>
        )}
      </Panel>
      <ListOf title="Runs" query={query} rowsOf={({ runs }) => runs} />
      <ListOf title="Actions" query={query} rowsOf={({ actions }) => actions} />
    </>
  );
}

interface ListOfProps {
  readonly title: string;
  readonly query: ReturnType<typeof usePolled<ScheduleView>>;
  readonly rowsOf: (view: ScheduleView) => readonly Row[];
}

function ListOf({ title, query, rowsOf }: ListOfProps) {
  return (
    <Panel
      title={title}
      query={query}
      isEmpty={(view) => rowsOf(view).length === 0}
      empty={<Notice tone="empty" title="None yet" />}
    >
      {(view) => <Rows label={title} rows={rowsOf(view)} />}
    </Panel>
  );
}

const VERBS = [
  { verb: 'Pause', about: 'It starts nothing until it is resumed.', reason: 'required' },
  { verb: 'Resume', about: 'It starts flows at its times again.', reason: 'optional' },
  { verb: 'Trigger', about: 'It starts a flow now, in addition to those at its times.', reason: 'optional' },
] as const;

function Verbs({ schedule: { schedule, paused } }: { readonly schedule: Schedule }) {
  const may = useMay();
  const useless = paused ? 'Pause' : 'Resume';
  return (
    <span className="verbs">
      {VERBS.filter(({ verb }) => verb !== useless)
        .filter(({ verb }) => may(`/v1/schedules/{schedule}/${verb.toLowerCase()}`))
        .map((one) => {
          const path = `/v1/schedules/${encodeURIComponent(schedule)}/${one.verb.toLowerCase()}`;
          const act: Deed['act'] = ({ reason }) =>
            perdure.post(path, { ...(reason !== undefined && { reason }) });
          return <DeedButton key={one.verb} deed={{ ...one, name: schedule, act }} />;
        })}
    </span>
  );
}
