import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { type Category, mayUse, useConsole } from '../api/catalog.js';
import type { Row } from '../api/entity.js';
import { useSession } from '../api/session.js';
import { Filters } from '../components/filters.js';
import { ListPanel } from '../components/list-panel.js';
import { PageHead } from '../components/page-head.js';
import { Panel } from '../components/panel.js';
import { SavedViews } from '../components/saved-views.js';
import { Notice } from '../components/states.js';
import { pageOf } from '../navigation.js';

/** The list of a category. */
export function Entities() {
  const { category: name } = useParams({ from: '/entities/$category' });
  const query = useConsole();
  const category = query.data?.categories.find((one) => one.name === name);
  return (
    <div className="page">
      <PageHead title={category?.title ?? name} summary={category?.summary} />
      {category ? (
        <Listed category={category} />
      ) : (
        <Panel title="List" query={query} lines={12}>
          {() => <Notice tone="empty" title={`There is no category ${name}`} />}
        </Panel>
      )}
    </div>
  );
}

function Listed({ category }: { readonly category: Category }) {
  const given = useSearch({ from: '/entities/$category' });
  const session = useSession();
  const { list, title, name, isAway, service } = category;
  const linkOf = ({ id }: Row) => (typeof id === 'string' ? pageOf(name, id) : undefined);
  return (
    <>
      {isAway && <Notice tone="away" title={`The ${service} service is away`} />}
      <Open category={category} />
      {list && <Filters parameters={list.query} given={given} />}
      <SavedViews given={given} />
      {list && mayUse(list.allow, session) ? (
        <ListPanel title={title} file={name} path={list.path} given={given} linkOf={linkOf} />
      ) : (
        <Notice
          tone={list ? 'forbidden' : 'empty'}
          title={list ? 'Not for you' : 'The API has no list of these'}
        >
          <p>{list ? 'Your roles do not allow this list.' : 'Open one by its id.'}</p>
        </Notice>
      )}
    </>
  );
}

/** Opens one by its id, which need not exist: the commands that create it are offered there. */
function Open({ category: { name } }: { readonly category: Category }) {
  const [id, setId] = useState('');
  const navigate = useNavigate();
  const open = (event: FormEvent): void => {
    event.preventDefault();
    void navigate({ to: '/entities/$category/$id', params: { category: name, id }, search: {} });
  };
  return (
    <form className="open" onSubmit={open}>
      <label>
        <span className="visually-hidden">Id</span>
        <input
          placeholder="Open by id, also a new one"
          required
          pattern="[A-Za-z0-9._~@:\-]{1,200}"
          autoComplete="off"
          spellCheck={false}
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
      </label>
      <button type="submit">Open</button>
    </form>
  );
}
