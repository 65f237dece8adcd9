import { useNavigate } from '@tanstack/react-router';
import type { Page } from '#libs/client/client.types.js';
import { type Row, useList } from '../api/entity.js';
import { saveCsv, saveJson } from './export.js';
import { Panel } from './panel.js';
import { Rows } from './rows.js';
import { Notice } from './states.js';

interface ListPanelProps {
  readonly title: string;
  /** The name of the file of an export. */
  readonly file: string;
  readonly path: string | undefined;
  readonly given: Readonly<Record<string, string>>;
  readonly linkOf?: (row: Row) => string | undefined;
  readonly currency?: string | undefined;
}

/** A page of a list of the API, with what leads to the next one. */
export function ListPanel({ title, file, path, given, linkOf, currency }: ListPanelProps) {
  const query = useList(path, given);
  const rows = query.data?.data ?? [];
  return (
    <Panel
      title={title}
      query={query}
      lines={12}
      isEmpty={(page) => page.data.length === 0}
      empty={<Empty isFiltered={Object.keys(given).length > 0} />}
      actions={
        <>
          <button type="button" className="quiet-button" onClick={() => saveCsv(file, rows)}>
            CSV
          </button>
          <button type="button" className="quiet-button" onClick={() => saveJson(file, rows)}>
            JSON
          </button>
        </>
      }
    >
      {(page) => (
        <>
          <Freshness page={page} />
          <Rows label={title} rows={page.data} {...(linkOf && { linkOf })} currency={currency} />
          <Pager page={page} given={given} />
        </>
      )}
    </Panel>
  );
}

function Empty({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Notice tone="empty" title={isFiltered ? 'Nothing matches these filters' : 'There is none yet'}>
      {isFiltered && <p>Clear the filters to see all.</p>}
    </Notice>
  );
}

function Freshness({ page: { staleBy } }: { readonly page: Page<Row> }) {
  if (staleBy === 0) return null;
  return (
    <Notice tone="stale" title="Stale">
      <p>The list lacks {staleBy} revisions of what was sent here.</p>
    </Notice>
  );
}

function Pager({
  page,
  given,
}: {
  readonly page: Page<Row>;
  readonly given: Readonly<Record<string, string>>;
}) {
  const navigate = useNavigate();
  const { cursor, ...first } = given;
  const go = (search: Record<string, string>): void => void navigate({ to: '.', search: search as never });
  return (
    <footer className="pager">
      <span className="quiet">
        {page.data.length} shown{page.nextCursor === undefined ? ', the last of them' : ', more follow'}
      </span>
      <button type="button" disabled={cursor === undefined} onClick={() => go(first)}>
        First page
      </button>
      <button
        type="button"
        disabled={page.nextCursor === undefined}
        onClick={() => page.nextCursor !== undefined && go({ ...first, cursor: page.nextCursor })}
      >
        Next page
      </button>
    </footer>
  );
}
