import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Shell } from './components/shell.js';
import { Home } from './routes/home.js';
import { NotFound } from './routes/not-found.js';

/** Filters of a list, as in its address. All are texts. */
export type Search = Readonly<Record<string, string>>;

const anySearch = (search: Record<string, unknown>): Search => search as Search;

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const home = createRoute({ getParentRoute: () => root, path: '/', component: Home });

const entities = createRoute({
  getParentRoute: () => root,
  path: '/entities/$category',
  validateSearch: anySearch,
  component: lazyRouteComponent(() => import('./routes/entities.js'), 'Entities'),
});

const list = createRoute({
  getParentRoute: () => root,
  path: '/lists/$list',
  validateSearch: anySearch,
  component: lazyRouteComponent(() => import('./routes/list.js'), 'List'),
});

const entity = createRoute({
  getParentRoute: () => root,
  path: '/entities/$category/$id',
  validateSearch: anySearch,
  component: lazyRouteComponent(() => import('./routes/entity.js'), 'Entity'),
});

const operations = createRoute({
  getParentRoute: () => root,
  path: '/operations/$part',
  validateSearch: anySearch,
  component: lazyRouteComponent(() => import('./routes/operations.js'), 'Operations'),
});

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  validateSearch: anySearch,
  component: lazyRouteComponent(() => import('./routes/inbox.js'), 'Inbox'),
});

/** All pages of the console. A page is a file in `routes`. */
export const router = createRouter({
  routeTree: root.addChildren([home, entities, list, entity, inbox, operations]),
  defaultPreload: 'intent',
  pathParamsAllowedCharacters: [':', '@'],
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(given as [string, string][]).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
