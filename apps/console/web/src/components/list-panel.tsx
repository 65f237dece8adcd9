import { useNavigate } from '@tanstack/react-router';
import { type Page, useList } from '../api/entity.js';
import { saveCsv, saveJson } from './export.js';
import { Panel } from './panel.js';
import { Rows } from './rows.js';
import { Notice } from './states.js';

type Row = Page['rows'][number];

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
  const rows = query.data?.rows ?? [];
  return (
    <Panel
      title={title}
      query={query}
      lines={12}
      isEmpty={(page) => page.rows.length === 0}
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
          <Rows label={title} rows={page.rows} {...(linkOf && { linkOf })} currency={currency} />
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

function Freshness({ page: { staleBy, parked } }: { readonly page: Page }) {
  if (staleBy === undefined && parked === undefined) return null;
  return (
    <Notice tone="stale" title="Stale">
      {staleBy !== undefined && <p>The list lacks {staleBy} revisions.</p>}
      {parked !== undefined && <p>It cannot continue with {parked}.</p>}
    </Notice>
  );
}

function Pager({ page, given }: { readonly page: Page; readonly given: Readonly<Record<string, string>> }) {
  const navigate = useNavigate();
  const { cursor, ...first } = given;
  const go = (search: Record<string, string>): void => void navigate({ to: '.', search: search as never });
  return (
    <footer className="pager">
      <span className="quiet">
        {page.rows.length} shown{page.nextCursor === undefined ? ', the last of them' : ', more follow'}
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
