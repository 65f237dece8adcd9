import { SERVICE_NAMES, type ServiceName } from '#contracts/services.js';
import { operationsOf, usePolled } from '../api/operations.js';
import { Panel } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { Notice } from '../components/states.js';

type Row = Readonly<Record<string, unknown>>;

const MOST = 50;

/** What operators did to the views of each service, the latest first. */
export function Audit() {
  return SERVICE_NAMES.map((service) => <AuditOf key={service} service={service} />);
}

function AuditOf({ service }: { readonly service: ServiceName }) {
  const query = usePolled<{ data: readonly Row[]; nextCursor?: string }>(`${operationsOf(service)}/audit`, {
    limit: MOST,
  });
  const title = `Actions in ${service}`;
  return (
    <Panel
      title={title}
      query={query}
      isEmpty={({ data }) => data.length === 0}
      empty={<Notice tone="empty" title="None yet" />}
    >
      {({ data, nextCursor }) => (
        <>
          <Rows label={title} rows={data.map(lineOf)} />
          {nextCursor !== undefined && <p className="quiet">These are the latest {MOST}.</p>}
        </>
      )}
    </Panel>
  );
}

/** Leaves out the states before and after, which are long: the entity's page shows them. */
function lineOf({ at, operator, verb, view, stream, revision, reason, result }: Row): Row {
  return { at, operator, verb, view, stream, revision, reason, result: JSON.stringify(result) };
}
