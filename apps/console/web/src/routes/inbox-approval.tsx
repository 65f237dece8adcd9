import { sendFromDialog } from '../api/deed-command.js';
import type { EntityEvent } from '../api/entity.js';
import { type Approval, approvalPath } from '../api/inbox.js';
import { usePolled } from '../api/operations.js';
import { useSession } from '../api/session.js';
import { type Deed, DeedButton } from '../components/deed.js';
import { Grid } from '../components/grid.js';
import { Panel } from '../components/panel.js';
import { Time } from '../components/time.js';
import { Fields, Status } from '../components/value.js';

const HIDDEN = ['id', 'subject', 'text', 'content', 'status', 'revision', 'hash', 'contentHash'];

/** An approval with its content, its trail, and what the user may do about it. */
export function ApprovalToDecide({ id }: { readonly id: string }) {
  const query = usePolled<Approval>(approvalPath(id));
  const trail = usePolled<{ data: readonly EntityEvent[] }>(`${approvalPath(id)}/events`, { limit: 100 });
  return (
    <>
      <Panel title={query.data?.subject ?? id} query={query} lines={14}>
        {(approval) => (
          <>
            <p>
              <Status value={approval.status} /> due <Time at={approval.deadline} />
            </p>
            {approval.text && <p className="explanation">{approval.text}</p>}
            {approval.status === 'open' && <Verbs approval={approval} />}
            <h3>Content</h3>
            <Fields of={approval.content} />
            <p className="quiet text-break">SHA-256 {approval.contentHash}</p>
            <h3>Terms</h3>
            <Fields of={{ ...approval }} without={HIDDEN} />
          </>
        )}
      </Panel>
      <Panel title="Trail" query={trail} isEmpty={({ data }) => data.length === 0}>
        {({ data }) => (
          <Grid label="Trail" columns={['When', 'What', 'Who', 'Why']}>
            <tbody>
              {data.map(({ id: event, at, type, actor, onBehalfOf, data: { reason, comment } }) => (
                <tr key={event}>
                  <td>
                    <Time at={at} />
                  </td>
                  <td>{type}</td>
                  <td>
                    {actor}
                    {onBehalfOf !== undefined && ` for ${onBehalfOf}`}
                  </td>
                  <td>{wordsOf(reason ?? comment)}</td>
                </tr>
              ))}
            </tbody>
          </Grid>
        )}
      </Panel>
    </>
  );
}

function wordsOf(reason: unknown): string {
  return typeof reason === 'string' ? reason : '';
}

type Verb = Omit<Deed, 'name' | 'act'> & {
  readonly route: string;
  readonly bodyOf?: (given: { reason?: string; text: string }, approval: Approval) => object;
};

const APPROVE: Verb = {
  verb: 'Approve',
  route: 'approve',
  about: 'You approve exactly the content that is shown here.',
  field: { label: 'Comment, optional', start: '', isOptional: true },
  bodyOf: ({ text }, { contentHash }) => ({ contentHash, ...(text !== '' && { comment: text }) }),
};

const OTHERS: readonly Verb[] = [
  {
    verb: 'Reject',
    route: 'reject',
    about: 'It is refused, whatever the other candidates say.',
    reason: 'required',
    bodyOf: ({ reason }, { contentHash }) => ({ contentHash, reason }),
  },
  {
    verb: 'Delegate',
    route: 'delegate',
    about: 'Another person may decide in your place. You may not decide any more.',
    field: { label: 'To, such as user:tom', start: 'user:' },
    reason: 'optional',
    bodyOf: ({ text, reason }) => ({ to: text, ...(reason !== undefined && { reason }) }),
  },
];

const CLAIM: Verb = {
  verb: 'Claim',
  route: 'claim',
  about: 'No other candidate may decide until you have, or give it up.',
};
const UNCLAIM: Verb = { verb: 'Unclaim', route: 'unclaim', about: 'All candidates may decide again.' };

/** Whether the user is a candidate, only the service knows: it says so if not. */
function Verbs({ approval }: { readonly approval: Approval }) {
  const { name } = useSession();
  const { id, claimedBy } = approval;
  const claiming = claimedBy === undefined ? [CLAIM] : claimedBy === name ? [UNCLAIM] : [];
  return (
    <div className="verb-line">
      {[APPROVE, ...OTHERS, ...claiming].map(({ route, bodyOf, ...deed }) => (
        <DeedButton
          key={route}
          deed={{
            ...deed,
            name: id,
            act: (given) =>
              sendFromDialog(`${approvalPath(id)}/${route}`, bodyOf?.(given, approval) ?? {}, given),
          }}
        />
      ))}
    </div>
  );
}
