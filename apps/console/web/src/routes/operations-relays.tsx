import { useSearch } from '@tanstack/react-router';
import { SERVICE_NAMES, type ServiceName } from '#contracts/services.js';
import { operationsOf, usePolled } from '../api/operations.js';
import { Grid } from '../components/grid.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { duration } from '../components/durations.js';
import { Time } from '../components/time.js';
import { Status } from '../components/value.js';
import { type Process, WorkerVerbs } from './operations-workers.js';

interface Relay {
  readonly category: string;
  readonly state: string;
  readonly position?: string;
  readonly relayed?: number;
  readonly behindSeconds?: number | null;
  readonly eventsPerSecond?: number;
  readonly refill?: { readonly written: number; readonly owed: number };
  readonly worker?: string;
  readonly heardAt?: string;
  readonly attempt?: number;
  readonly failure?: string;
}

const COLUMNS = ['Category', 'State', 'Behind', 'Events/s', 'Published', 'Position', 'Heard', 'Failure'];

/** How far the events of each category are published, of all services or one. */
export function Relays() {
  const { service: one } = useSearch({ from: '/operations/$part' });
  const { data } = usePolled<{ data: readonly Process[] }>('/v1/workers');
  return (
    <>
      {one !== undefined && (
        <p>
          <To to="/operations/relays">All relays</To>
        </p>
      )}
      {SERVICE_NAMES.filter((service) => one === undefined || service === one).map((service) => (
        <RelaysOf key={service} service={service} processes={data?.data ?? []} />
      ))}
    </>
  );
}

interface RelaysProps {
  readonly service: ServiceName;
  readonly processes: readonly Process[];
}

function RelaysOf({ service, processes }: RelaysProps) {
  const query = usePolled<{ data: readonly Relay[] }>(`${operationsOf(service)}/relays`);
  return (
    <Panel
      title={`Relays of ${service}`}
      query={query}
      isEmpty={({ data }) => data.length === 0}
      actions={<WorkersOf service={service} processes={processes} />}
    >
      {({ data }) => (
        <Grid label={`Relays of ${service}`} columns={COLUMNS}>
          <tbody>
            {data.map((relay) => (
              <RelayRow key={relay.category} relay={relay} />
            ))}
          </tbody>
        </Grid>
      )}
    </Panel>
  );
}

/** The workers that may run the relay of a service, with what can be done about them. */
function WorkersOf({ service, processes }: RelaysProps) {
  const name = `${service}-relay`;
  return processes
    .filter(({ state }) => state === 'running')
    .flatMap(({ id, process, workers }) =>
      workers
        .filter(({ worker }) => worker === name)
        .map(({ worker, state }) => (
          <span key={id} className="verbs">
            <span className="quiet">{worker}</span> <Status value={state} />
            <WorkerVerbs process={process} worker={worker} states={[state]} />
          </span>
        )),
    );
}

function RelayRow({ relay }: { readonly relay: Relay }) {
  const { category, state, behindSeconds, eventsPerSecond, relayed, position, heardAt, refill } = relay;
  const failure = relay.failure === undefined ? '' : `attempt ${relay.attempt}: ${relay.failure}`;
  return (
    <tr>
      <th scope="row">{category}</th>
      <td>
        <Status value={state} />
      </td>
      <td>{behindIn(behindSeconds)}</td>
      <td data-number>{eventsPerSecond?.toLocaleString()}</td>
      <td data-number>{relayed?.toLocaleString()}</td>
      <td className="quiet">{position}</td>
      <td>{heardAt && <Time at={heardAt} />}</td>
      <td>
        <span className="text" title={failure}>
          {failure}
        </span>
        {refill && ` ${refill.written.toLocaleString()} states filled in, ${refill.owed} owed`}
      </td>
    </tr>
  );
}

function behindIn(seconds: number | null | undefined): string {
  if (seconds === undefined || seconds === null) return 'unknown';
  return seconds === 0 ? 'nothing' : duration(seconds * 1_000);
}
