import { useQuery } from '@tanstack/react-query';
import { mayUse, useConsole } from '../api/catalog.js';
import { useList } from '../api/entity.js';
import { hasOverview, useOverview } from '../api/overview.js';
import { useSession } from '../api/session.js';
import { FirstPurchase } from '../components/first-purchase.js';
import { To } from '../components/link.js';
import { PageHead } from '../components/page-head.js';
import { Panel } from '../components/panel.js';
import { Status } from '../components/value.js';
import { listOf } from '../navigation.js';
import { Needs, Rates, Versions } from './home-needs.js';

const FIRST = { limit: '1' };

interface Health {
  readonly status: string;
  readonly services: Readonly<Record<string, ServiceHealth>>;
}

interface ServiceHealth {
  readonly status: string;
  readonly components?: Readonly<Record<string, { readonly status: string; readonly detail?: string }>>;
}

/** How everything is, and the way to everything. */
export function Home() {
  return (
    <div className="page">
      <PageHead title="Home" />
      <Standing />
      <Empty />
      <Categories />
    </div>
  );
}

/** What the services tell of themselves, or at least whether they are ready. */
function Standing() {
  const { data: known } = useConsole();
  const isTold = hasOverview(known, useSession());
  const query = useOverview(isTold);
  if (!isTold) return <Services />;
  return (
    <>
      <Needs query={query} />
      <Rates query={query} />
      <Versions query={query} />
    </>
  );
}

/** The answer is the same whether all are ready, or not. */
async function readHealth(signal: AbortSignal): Promise<Health> {
  const reply = await fetch('/health/ready', { signal });
  return (await reply.json()) as Health;
}

function Services() {
  const query = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => readHealth(signal),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="Services" query={query} lines={4}>
      {({ services }) => (
        <ul className="rows">
          {Object.entries(services).map(([name, { status, components = {} }]) => {
            const away = Object.entries(components).filter(([, component]) => component.status !== 'up');
            return (
              <li key={name}>
                <strong>{name}</strong> <Status value={status} />
                {away.map(([component]) => (
                  <span key={component}>{component} is away</span>
                ))}
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

/** Whether anything can be made is tried by those who may do all of it. */
function Empty() {
  const { data: known } = useConsole();
  const session = useSession();
  const accounts = known?.categories.find(({ name }) => name === 'account')?.list;
  const isAsked =
    accounts !== undefined && mayUse(['role:teller'], session) && mayUse(['role:pricing'], session);
  const { data } = useList(isAsked ? accounts.path : undefined, FIRST);
  return data?.data.length === 0 ? <FirstPurchase /> : null;
}

function Categories() {
  const query = useConsole();
  const session = useSession();
  return (
    <Panel title="Entities, sagas and flows" query={query} lines={8}>
      {({ categories }) => (
        <ul className="cards">
          {categories
            .filter(({ list }) => list && mayUse(list.allow, session))
            .map((category) => (
              <li key={category.name}>
                <To to={listOf(category)}>
                  <strong>{category.title}</strong>
                  <span>{category.summary}</span>
                </To>
              </li>
            ))}
        </ul>
      )}
    </Panel>
  );
}
