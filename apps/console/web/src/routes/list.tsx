import { useParams, useSearch } from '@tanstack/react-router';
import { mayUse, useConsole } from '../api/catalog.js';
import type { Row } from '../api/entity.js';
import { useSession } from '../api/session.js';
import { Filters } from '../components/filters.js';
import { ListPanel } from '../components/list-panel.js';
import { PageHead } from '../components/page-head.js';
import { SavedViews } from '../components/saved-views.js';
import { Loading, Notice } from '../components/states.js';
import { pageOf } from '../navigation.js';

/** A list that belongs to no category, such as the best sellers. */
export function List() {
  const { list: name } = useParams({ from: '/lists/$list' });
  const given = useSearch({ from: '/lists/$list' });
  const session = useSession();
  const { data } = useConsole();
  const list = data?.lists.find(({ path }) => path === `/v1/${name}`);
  const isComplete = list?.query.every((one) => !one.required || given[one.name] !== undefined) ?? true;
  const title = name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
  return (
    <div className="page">
      <PageHead title={title} summary={list?.summary?.replaceAll('`', '')} />
      {list && <Filters parameters={list.query} given={given} />}
      <SavedViews given={given} />
      {list && mayUse(list.allow, session) && isComplete && (
        <ListPanel title={title} file={name} path={list.path} given={given} linkOf={linkOf} />
      )}
      {!isComplete && <Notice tone="empty" title="Fill in what is needed, then filter" />}
      {list && !mayUse(list.allow, session) && <Notice tone="forbidden" title="Not for you" />}
      {data && !list && <Notice tone="empty" title={`There is no list ${name}`} />}
      {!data && <Loading lines={12} />}
    </div>
  );
}

/** Rows of these lists name what they are about. */
function linkOf({ type, id, sku, cartId }: Row): string | undefined {
  if (typeof type === 'string' && typeof id === 'string') return pageOf(type, id);
  if (typeof sku === 'string') return pageOf('inventory', sku);
  if (typeof cartId === 'string') return pageOf('cart', cartId);
  return typeof id === 'string' ? pageOf('cart', id) : undefined;
}
