import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { InboxItem } from '../api/inbox.js';
import { usePolled } from '../api/operations.js';
import { sendFromDialog } from '../api/deed-command.js';
import { Deeds, DeedButton } from '../components/deed.js';
import { Grid } from '../components/grid.js';
import { To } from '../components/link.js';
import { NeededHere } from '../components/needed-here.js';
import { PageHead } from '../components/page-head.js';
import { Panel } from '../components/panel.js';
import { Notice } from '../components/states.js';
import { Time } from '../components/time.js';
import { pageOf } from '../navigation.js';
import { BulkDialog } from './inbox-bulk.js';
import { ApprovalToDecide } from './inbox-approval.js';

const MOST = 100;

/** What waits for the user: approvals by their deadlines, and work that is stuck. */
export function Inbox() {
  const { id } = useSearch({ from: '/inbox' });
  return (
    <div className="page operations">
      <PageHead title="Inbox" summary="What waits for you: stuck work first, then approvals by due time" />
      <NeededHere />
      <Deeds>
        {id === undefined ? (
          <Items />
        ) : (
          <>
            <p>
              <To to="/inbox">All that waits</To>
            </p>
            <ApprovalToDecide key={id} id={id} />
          </>
        )}
      </Deeds>
    </div>
  );
}

function Items() {
  const query = usePolled<{ data: readonly InboxItem[]; nextCursor?: string }>('/v1/inbox', { limit: MOST });
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [deciding, setDeciding] = useState<readonly string[]>();
  // What was decided meanwhile is no longer there.
  const there = chosen.filter((id) =>
    query.data?.data.some((one) => one.kind === 'approval' && one.id === id),
  );
  const choose = (id: string): void =>
    setChosen(there.includes(id) ? there.filter((one) => one !== id) : [...there, id]);
  return (
    <>
      <Panel
        title="Waiting"
        query={query}
        lines={10}
        isEmpty={({ data }) => data.length === 0}
        empty={<Notice tone="empty" title="Nothing waits for you" />}
        actions={
          <button type="button" disabled={there.length === 0} onClick={() => setDeciding(there)}>
            Decide {there.length} together
          </button>
        }
      >
        {({ data, nextCursor }) => (
          <>
            <Grid label="Inbox" columns={['Choose', 'What', 'Kind', 'Due', 'Waits since', 'Verbs']}>
              <tbody>
                {data.map((item) => (
                  <ItemRow
                    key={`${item.kind} ${item.tenant} ${item.type} ${item.id}`}
                    item={item}
                    isChosen={there.includes(item.id)}
                    onChoose={() => choose(item.id)}
                  />
                ))}
              </tbody>
            </Grid>
            {nextCursor !== undefined && <p className="quiet">These are the first {MOST}.</p>}
          </>
        )}
      </Panel>
      {deciding && <BulkDialog ids={deciding} onClose={() => setDeciding(undefined)} />}
    </>
  );
}

interface ItemRowProps {
  readonly item: InboxItem;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function ItemRow({ item, isChosen, onChoose }: ItemRowProps) {
  const { kind, type, id, subject, since, deadline, waiting = [] } = item;
  const isApproval = kind === 'approval';
  return (
    <tr>
      <td>
        {isApproval && (
          <input type="checkbox" checked={isChosen} onChange={onChoose} aria-label={`Choose ${id}`} />
        )}
      </td>
      <td>
        <To to={isApproval ? `/inbox?id=${encodeURIComponent(id)}` : pageOf(type, id)}>
          {subject ?? `${type} ${id}`}
        </To>
        {waiting.map(({ name, status, code, detail }) => (
          <div key={name} className="quiet" title={detail}>
            {name} {status} {code}
          </div>
        ))}
      </td>
      <td>{kind}</td>
      <td>{deadline === undefined ? '–' : <Time at={deadline} />}</td>
      <td>{since === undefined ? '–' : <Time at={since} />}</td>
      <td>{isApproval ? null : <Verbs item={item} />}</td>
    </tr>
  );
}

function Verbs({ item: { id, actions } }: { readonly item: InboxItem }) {
  return (
    <span className="verbs">
      {actions.map(({ name, href, body }) => {
        const step = body.step ?? body.name ?? '';
        const isRetry = name === 'retry';
        return (
          <DeedButton
            key={`${name} ${step}`}
            of={`${step} of ${id}`}
            deed={{
              verb: isRetry ? 'Retry' : 'Resolve',
              name: id,
              about: isRetry
                ? `${step} is tried again.`
                : `${step} counts as done: it was settled by hand, and is not tried again.`,
              ...(!isRetry && { isDangerous: true, field: { label: 'Note: how it was settled', start: '' } }),
              act: (given) => sendFromDialog(href, isRetry ? body : { ...body, note: given.text }, given),
            }}
          />
        );
      })}
    </span>
  );
}
