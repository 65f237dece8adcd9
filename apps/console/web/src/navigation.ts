import { type Category, type Console, type Kind, mayUse } from './api/catalog.js';
import type { Session } from './api/session.js';

/** A page that the navigation and the palette lead to. */
export interface Destination {
  readonly title: string;
  readonly to: string;
  /** It is no page of the console: the browser loads it. */
  readonly isOutside?: boolean;
  readonly summary?: string;
  /** A list of the API that the page shows: without it, the page is not offered. */
  readonly list?: string;
}

/** Pages under one heading. */
export interface Section {
  readonly title: string;
  readonly pages: readonly Destination[];
}

const KINDS: readonly (readonly [Kind, string])[] = [
  ['entity', 'Entities'],
  ['saga', 'Sagas'],
  ['flow', 'Flows'],
];

const START: Section = {
  title: 'Start',
  pages: [
    { title: 'Home', to: '/' },
    { title: 'Inbox', to: '/inbox', summary: 'What waits for you: decisions, and work that is stuck' },
  ],
};

const OPERATED = '/v1/operations/account/views';

/** What keeps everything going. */
export const OPERATIONS: readonly Destination[] = [
  {
    title: 'Workers',
    to: '/operations/workers',
    list: '/v1/workers',
    summary: 'Processes and their workers: pause, resume, drain',
  },
  {
    title: 'Relays',
    to: '/operations/relays',
    list: OPERATED,
    summary: 'How far events are published',
  },
  {
    title: 'Views',
    to: '/operations/views',
    list: OPERATED,
    summary: 'Lag, parked entities and rebuilds',
  },
  {
    title: 'Schedules',
    to: '/operations/schedules',
    list: '/v1/schedules',
    summary: 'What is started at times: pause, resume, trigger',
  },
  {
    title: 'Imports',
    to: '/operations/imports',
    list: '/v1/stock-imports',
    summary: 'Files of stock: progress, pause, retry, rejects',
  },
  {
    title: 'Unclaimed callbacks',
    to: '/operations/callbacks',
    list: '/v1/callbacks',
    summary: 'Messages that nobody took: deliver again, discard',
  },
  {
    title: 'Doctor',
    to: '/operations/doctor',
    list: OPERATED,
    summary: 'Compares streams, topics, views and entities, and heals them',
  },
  {
    title: 'Audit',
    to: '/operations/audit',
    list: '/v1/audit',
    summary: 'What operators did or tried to do',
  },
];

const REFERENCE: Section = {
  title: 'Reference',
  pages: [
    { title: 'API', to: '/docs', isOutside: true, summary: 'Every operation, to read and to try' },
    { title: 'Problems', to: '/docs/problems', isOutside: true, summary: 'Every code of an error' },
    { title: 'Temporal', to: '/temporal', isOutside: true, summary: 'Each entity is a workflow there' },
  ],
};

/** The address of a list of the console. */
export function listOf({ name }: Pick<Category, 'name'>): string {
  return `/entities/${name}`;
}

/** Where an entity is shown. */
export function pageOf(category: string, id: string): string {
  return `/entities/${category}/${encodeURIComponent(id)}`;
}

/** Every page, by section. New pages are added here, and their routes in `router.tsx`. */
export function sectionsOf(known: Console | undefined, session: Session): readonly Section[] {
  const categories = known?.categories ?? [];
  const lists = KINDS.map(([kind, title]) => ({
    title,
    pages: categories
      .filter((category) => category.kind === kind)
      .map((category) => ({ title: category.title, to: listOf(category), summary: category.summary })),
  }));
  const others = (known?.lists ?? []).filter(({ path }) => path.split('/').length === 3);
  const operations = OPERATIONS.filter(({ list }) => isOffered(list, known, session));
  return [
    START,
    ...lists,
    ...(others.length > 0 ? [otherLists(others)] : []),
    ...(operations.length > 0 ? [{ title: 'Operations', pages: operations }] : []),
    REFERENCE,
  ];
}

function isOffered(list: string | undefined, known: Console | undefined, session: Session): boolean {
  const operation = known?.operations.find(({ method, path }) => method === 'get' && path === list);
  return operation !== undefined && mayUse(operation.allow, session);
}

function otherLists(lists: Console['lists']): Section {
  const shown = /abandoned-carts|best-sellers|reservations|^\/v1\/flows$/;
  return {
    title: 'Lists',
    pages: lists
      .filter(({ path }) => shown.test(path))
      .map(({ path, summary }) => {
        const name = path.slice('/v1/'.length);
        const words = name === 'flows' ? 'All flows' : name.replaceAll('-', ' ');
        return { title: words.charAt(0).toUpperCase() + words.slice(1), to: `/lists/${name}`, summary };
      }),
  };
}
