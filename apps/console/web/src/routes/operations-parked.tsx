import type { ServiceName } from '#contracts/services.js';
import { perdure } from '../api/client.js';
import { operationsOf, useMay, usePolled } from '../api/operations.js';
import { type Deed, DeedButton } from '../components/deed.js';
import { Grid } from '../components/grid.js';
import { Json } from '../components/json.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { Notice } from '../components/states.js';
import { Time } from '../components/time.js';
import { Fields } from '../components/value.js';

interface ViewProps {
  readonly service: ServiceName;
  readonly view: string;
}

interface Parked {
  readonly stream: string;
  readonly revision: number;
  readonly reason: string;
  readonly attempts: number;
  readonly catchingUp: boolean;
  readonly parkedAt: string;
  readonly triedAt: string;
  readonly waiting: number;
}

interface ParkedWithEvents extends Parked {
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

const MOST = 100;
const COLUMNS = ['Entity', 'Revision', 'Why', 'Attempts', 'Parked', 'Waiting events', 'Verbs'];

/** The entities that a view could not fold further. */
export function ParkedEntities({ service, view }: ViewProps) {
  const path = `${operationsOf(service)}/views/${view}/parked`;
  const query = usePolled<{ data: readonly Parked[]; nextCursor?: string }>(path, { limit: MOST });
  return (
    <Panel
      title={`Parked entities of ${view}`}
      query={query}
      isEmpty={({ data }) => data.length === 0}
      empty={<Notice tone="empty" title="None: the view could fold everything" />}
    >
      {({ data, nextCursor }) => (
        <>
          <Grid label={`Parked entities of ${view}`} columns={COLUMNS}>
            <tbody>
              {data.map((parked) => (
                <ParkedRow key={parked.stream} parked={parked} service={service} view={view} />
              ))}
            </tbody>
          </Grid>
          {nextCursor !== undefined && <p className="quiet">These are the first {MOST}.</p>}
        </>
      )}
    </Panel>
  );
}

function ParkedRow({ parked, service, view }: ViewProps & { readonly parked: Parked }) {
  const { stream, revision, reason, attempts, catchingUp, parkedAt, waiting } = parked;
  return (
    <tr>
      <td>
        <To to={`/operations/views?view=${view}&stream=${encodeURIComponent(stream)}`}>{stream}</To>
      </td>
      <td data-number>{revision}</td>
      <td>
        <span className="text" title={reason}>
          {catchingUp ? 'it is catching up' : reason}
        </span>
      </td>
      <td data-number>{attempts}</td>
      <td>
        <Time at={parkedAt} />
      </td>
      <td data-number>{waiting}</td>
      <td>
        <Verbs parked={parked} service={service} view={view} />
      </td>
    </tr>
  );
}

/** One of them, with the event that failed. */
export function ParkedEntity({ service, view, stream }: ViewProps & { readonly stream: string }) {
  const path = `${operationsOf(service)}/views/${view}/parked/${encodeURIComponent(stream)}`;
  const query = usePolled<ParkedWithEvents>(path, { limit: 1 });
  return (
    <Panel title={stream} query={query} lines={12}>
      {({ events, ...parked }) => (
        <>
          <Fields of={parked} without={['nextCursor', 'stream']} />
          <div className="verb-line">
            <Verbs parked={parked} service={service} view={view} event={events[0]} />
          </div>
          {events[0] && <Json value={events[0]} label="The event that failed" />}
        </>
      )}
    </Panel>
  );
}

interface VerbsProps extends ViewProps {
  readonly parked: Parked;
  /** The event that failed, if it is shown. An event can be patched only once it has been seen. */
  readonly event?: Readonly<Record<string, unknown>> | undefined;
}

function Verbs({ parked, service, view, event }: VerbsProps) {
  const may = useMay();
  const base = `${operationsOf(service)}/views`;
  const deeds = deedsOf({ parked, view, event }, `${base}/${view}/parked`);
  return (
    <span className="verbs">
      {deeds
        .filter(({ verb }) => may(`${base}/{view}/parked/{stream}/${verb.toLowerCase()}`))
        .map((deed) => (
          <DeedButton key={deed.verb} deed={deed} />
        ))}
    </span>
  );
}

function deedsOf({ parked, view, event }: Omit<VerbsProps, 'service'>, base: string): readonly Deed[] {
  const { stream: name, revision } = parked;
  const post = (verb: string, body: object): Promise<object> =>
    perdure.post(`${base}/${encodeURIComponent(name)}/${verb}`, { revision, ...body });
  const patch: Deed = {
    verb: 'Patch',
    name,
    about: `Folds other data in place of those of revision ${revision}, in ${view} only. The event stays as it is.`,
    isDangerous: true,
    reason: 'required',
    field: { label: 'Data', isLong: true, start: JSON.stringify(event?.['data'] ?? {}, undefined, 2) },
    act: async ({ reason, text }) => post('patch', { reason, data: JSON.parse(text) as object }),
  };
  return [
    {
      verb: 'Retry',
      name,
      about: 'Folds the pending events unchanged. This does no harm if the cause was mended.',
      reason: 'optional',
      act: ({ reason }) => post('retry', { ...(reason !== undefined && { reason }) }),
    },
    {
      verb: 'Skip',
      name,
      about: `Leaves out revision ${revision} in ${view}, and continues. Its rows will lack this event.`,
      isDangerous: true,
      reason: 'required',
      act: ({ reason }) => post('skip', { reason }),
    },
    ...(event ? [patch] : []),
  ];
}
