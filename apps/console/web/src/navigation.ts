import type { Category, Console, Kind } from './api/catalog.js';

/** A page that the navigation and the palette lead to. */
export interface Destination {
  readonly title: string;
  readonly to: string;
  /** It is no page of the console: the browser loads it. */
  readonly isOutside?: boolean;
  readonly summary?: string;
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

const START: Section = { title: 'Start', pages: [{ title: 'Home', to: '/' }] };

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
export function sectionsOf(known: Console | undefined): readonly Section[] {
  const categories = known?.categories ?? [];
  const lists = KINDS.map(([kind, title]) => ({
    title,
    pages: categories
      .filter((category) => category.kind === kind)
      .map((category) => ({ title: category.title, to: listOf(category), summary: category.summary })),
  }));
  const others = (known?.lists ?? []).filter(({ path }) => path.split('/').length === 3);
  return [START, ...lists, ...(others.length > 0 ? [otherLists(others)] : []), REFERENCE];
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
