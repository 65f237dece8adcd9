import { useParams, useSearch } from '@tanstack/react-router';
import { type Category, inWords, mayUse, useConsole } from '../api/catalog.js';
import { type EntityState, streamOf, useEntity } from '../api/entity.js';
import type { FeedState } from '../api/feed.js';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import { useSession } from '../api/session.js';
import { CopyButton } from '../components/copy-button.js';
import { curlOf } from '../components/curl.js';
import { ListPanel } from '../components/list-panel.js';
import { currencyOf } from '../components/money.js';
import { NeededHere } from '../components/needed-here.js';
import { PageHead } from '../components/page-head.js';
import { Panel } from '../components/panel.js';
import { Notice } from '../components/states.js';
import { Tabs } from '../components/tabs.js';
import { Sentence } from '../components/time.js';
import { Status } from '../components/value.js';
import { sentenceOf } from '../components/words.js';
import { pageOf } from '../navigation.js';
import { EntityCommands } from './entity-commands.js';
import { EntityEvents } from './entity-events.js';
import { EntityHistory } from './entity-history.js';
import { EntityProcess } from './entity-process.js';
import { EntityStatePanel } from './entity-state.js';
import { EntityTimeline } from './entity-timeline.js';
import { useLiveEntity } from './use-live-entity.js';

/** An entity, a saga or a flow: how it stands, how it got there, and what can be done with it. */
export function Entity() {
  const { category: name, id } = useParams({ from: '/entities/$category/$id' });
  const query = useConsole();
  const category = query.data?.categories.find((one) => one.name === name);
  if (category) return <Shown key={`${name} ${id}`} category={category} id={id} />;
  return (
    <div className="page">
      <PageHead title={id} summary={name} />
      <Panel title="State" query={query} lines={12}>
        {() => <Notice tone="empty" title={`There is no category ${name}`} />}
      </Panel>
    </div>
  );
}

interface ShownProps {
  readonly category: Category;
  readonly id: string;
}

/** What the tabs of the page show. */
export interface EntityView extends ShownProps {
  readonly query: ReturnType<typeof useEntity>;
  readonly state: EntityState | undefined;
  readonly currency: string | undefined;
}

function Shown({ category, id }: ShownProps) {
  const query = useEntity(category, id);
  const state = query.data;
  const live = useLiveEntity(category, id, state?.revision);
  const view = { category, id, query, state, currency: currencyOf(state) };
  const isUnknown = query.error instanceof PerdureProblem && query.error.status === 404;
  const { command, tab = firstTab(category, isUnknown, command) } = useSearch({
    from: '/entities/$category/$id',
  });
  return (
    <div className="page">
      <Head {...view} live={live} />
      <NeededHere />
      <Tabs
        label="About it"
        current={tab}
        tabs={tabsOf(category, isUnknown)}
        to={pageOf(category.name, id)}
      />
      <Content view={view} tab={tab} />
    </div>
  );
}

/** What is shown first: how to create it, where a command went, what runs, or what happened. */
function firstTab({ kind, can }: Category, isUnknown: boolean, command: string | undefined): string {
  if (isUnknown) return 'command';
  if (command !== undefined && can.timeline) return 'timeline';
  if (kind !== 'entity') return 'process';
  return can.timeline ? 'timeline' : 'state';
}

function tabsOf({ kind, parts, can }: Category, isUnknown: boolean): readonly (readonly [string, string])[] {
  const always = [
    ['state', 'State'],
    ['events', 'Events'],
    ['command', 'Commands'],
  ] as const;
  if (isUnknown) return always;
  return [
    ...(kind === 'entity' ? [] : [['process', kind === 'saga' ? 'Steps' : 'Diagram'] as const]),
    ...(can.timeline ? [['timeline', 'Timeline'] as const] : []),
    ...always,
    ...(can.why ? [['history', 'History'] as const] : []),
    ...parts.map(({ path }) => lastOf(path)).map((part) => [part, inWords(part)] as const),
  ];
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function Content({ view, tab }: { readonly view: EntityView; readonly tab: string }) {
  const session = useSession();
  const { category, id, currency } = view;
  if (tab === 'timeline') return <EntityTimeline {...view} />;
  if (tab === 'process') return <EntityProcess {...view} />;
  if (tab === 'state') return <EntityStatePanel {...view} />;
  if (tab === 'history') return <EntityHistory {...view} />;
  if (tab === 'events') return <EntityEvents {...view} />;
  if (tab === 'command') return <EntityCommands {...view} />;
  const part = category.parts.find(({ path }) => lastOf(path) === tab);
  if (!part) return <Notice tone="empty" title="There is no such tab" />;
  if (!mayUse(part.allow, session)) return <Notice tone="forbidden" title="Not for you" />;
  const path = part.path.replace('{id}', encodeURIComponent(id));
  return <PartOf key={path} title={inWords(tab)} file={`${id}-${tab}`} path={path} currency={currency} />;
}

interface PartProps {
  readonly title: string;
  readonly file: string;
  readonly path: string;
  readonly currency: string | undefined;
}

function PartOf(props: PartProps) {
  const { tab: _, ...given } = useSearch({ from: '/entities/$category/$id' });
  return <ListPanel {...props} given={given} />;
}

const LIVE: Readonly<Record<FeedState, string>> = {
  connecting: 'connecting',
  live: 'live',
  away: 'not live: the service is away',
  forbidden: 'not live: your roles do not allow it',
};

function Head({ category, id, state, live }: EntityView & { readonly live: FeedState | undefined }) {
  const { tenant = 'default' } = useSession();
  const status = state?.['status'];
  return (
    <PageHead title={id} summary={state ? <Sentence text={sentenceOf(category, state)} /> : category.summary}>
      <span className="quiet">{inWords(category.name).toLowerCase()}</span>
      {typeof status === 'string' && <Status value={status} />}
      {state && <span className="quiet">revision {state.revision}</span>}
      {live && (
        <span className="live" data-state={live}>
          {LIVE[live]}
        </span>
      )}
      <span className="head-actions">
        <CopyButton label="Copy as curl" text={() => curlOf(`${category.base}/${encodeURIComponent(id)}`)} />
        <a href={`/temporal/${encodeURIComponent(streamOf(category, id, tenant))}`}>Temporal</a>
      </span>
    </PageHead>
  );
}
