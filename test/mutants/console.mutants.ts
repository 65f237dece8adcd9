import type { Mutant } from './mutant.js';

/** Bugs in the console and in the server that serves it. */
export const consoleMutants: readonly Mutant[] = [
  {
    id: 'page-of-the-api',
    bug: 'An unknown address of the API is answered with a page to a browser.',
    file: 'apps/console/server/serve-pages.ts',
    replace: '(v1|assets|',
    by: '(assets|',
    spec: 'apps/console/server/front-server.spec.ts',
    test: 'the console /v1/nothing is no page of it',
  },
  {
    id: 'catalog-forgets',
    bug: 'The pages offer nothing of a service once it is away.',
    file: 'apps/console/server/catalog.ts',
    replace: '...(before ?? { name, summaries: {}, operations: [] })',
    by: '...{ name, summaries: {}, operations: [] }',
    spec: 'apps/console/server/catalog.spec.ts',
    test: 'keeps what a service had while it is away, and says so',
  },
  {
    id: 'money-by-doubles',
    bug: 'The pages show amounts rounded to what a double can hold.',
    file: 'apps/console/web/src/components/money.ts',
    replace: "`${amount < 0 ? '-' : ''}${parts}` as unknown as number",
    by: 'amount / 10 ** digits',
    spec: 'apps/console/web/src/components/formats.spec.ts',
    test: 'money has the form of its currency, to the last unit',
  },
  {
    id: 'lost-without-verbs',
    bug: 'The page of a lost flow offers nothing that would mend it.',
    file: 'apps/console/web/src/components/process.ts',
    replace: "type === 'FlowLost' && status === 'lost' ? OF_LOST : []",
    by: '[]',
    spec: 'apps/console/web/src/components/process.spec.ts',
    test: 'a flow that is lost can be restarted or cancelled, and only while it is',
  },
];
