import { useSearch } from '@tanstack/react-router';
import { sendFromDialog } from '../api/deed-command.js';
import { useMay, usePolled } from '../api/operations.js';
import { useSession } from '../api/session.js';
import { DeedButton } from '../components/deed.js';
import { Grid } from '../components/grid.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { Notice } from '../components/states.js';
import { Time } from '../components/time.js';
import { pageOf } from '../navigation.js';

interface Message {
  readonly tenant: string;
  readonly id: string;
  readonly n: number;
  readonly provider: string;
  readonly webhookId: string;
  readonly waiter?: string;
  readonly refusal?: string;
  readonly receivedAt: string;
}

const MOST = 100;
const COLUMNS = ['Key', 'Message', 'Provider', 'Received', 'Refused by', 'Why', 'Verbs'];
const UNCLAIMED = { status: 'unclaimed', limit: String(MOST) };

/** Messages of providers that nobody took, the earliest first; or those of one key. */
export function Callbacks() {
  const { key } = useSearch({ from: '/operations/$part' });
  const query = usePolled<{ data: readonly Message[]; nextCursor?: string }>('/v1/callbacks', UNCLAIMED);
  const isShown = ({ id }: { readonly id?: unknown }): boolean => key === undefined || id === key;
  return (
    <Panel
      title={key === undefined ? 'Unclaimed callbacks' : `Unclaimed callbacks of ${key}`}
      query={query}
      actions={key !== undefined && <To to="/operations/callbacks">All of them</To>}
      isEmpty={({ data }) => !data.some(isShown)}
      empty={<Notice tone="empty" title="None: everything that came was taken" />}
    >
      {({ data, nextCursor }) => (
        <>
          <Grid label="Unclaimed callbacks" columns={COLUMNS}>
            <tbody>
              {data.filter(isShown).map((message) => (
                <MessageRow key={`${message.tenant} ${message.id} ${message.n}`} message={message} />
              ))}
            </tbody>
          </Grid>
          {nextCursor !== undefined && <p className="quiet">These are the first {MOST}.</p>}
        </>
      )}
    </Panel>
  );
}

function MessageRow({ message }: { readonly message: Message }) {
  const { id, n, provider, webhookId, waiter, refusal, receivedAt } = message;
  return (
    <tr>
      <td>
        <To to={pageOf('callback', id)}>{id}</To>
      </td>
      <td title={webhookId}>{n}</td>
      <td>{provider}</td>
      <td>
        <Time at={receivedAt} />
      </td>
      <td>{waiter}</td>
      <td>{refusal}</td>
      <td>
        <Verbs message={message} />
      </td>
    </tr>
  );
}

const VERBS = [
  {
    verb: 'Redeliver',
    about: 'Delivers the message to the one that waits longest, or else to the one that refused it last.',
  },
  { verb: 'Discard', about: 'Gives up on the message: nobody will get it.', isDangerous: true },
] as const;

function Verbs({ message: { id, n, tenant } }: { readonly message: Message }) {
  const may = useMay();
  const { tenant: own } = useSession();
  return (
    <span className="verbs">
      {VERBS.filter(({ verb }) => may(`/v1/callbacks/{id}/${verb.toLowerCase()}`)).map((one) => {
        const path = `/v1/callbacks/${encodeURIComponent(id)}/${one.verb.toLowerCase()}`;
        return (
          <DeedButton
            key={one.verb}
            deed={{
              ...one,
              name: id,
              reason: 'required',
              act: (given) =>
                sendFromDialog(path, { n, reason: given.reason }, given, tenant === own ? undefined : tenant),
            }}
          />
        );
      })}
    </span>
  );
}
