// The layers of docs/: PURE code is rules and data, SANDBOX code runs inside Temporal's
// deterministic sandbox, NODE code is all the rest. The path of a file says what it may import.
// Scenarios are specs that several stages run.
const spec = '\\.(spec|scenarios)\\.ts$';
const contracts = '^(libs/contracts/|examples/[^/]+/.+\\.contract\\.ts$)';
const examples = '^examples/';
const domain = '^(apps/[^/]+/src|examples/[^/]+)/domain/';
const flows = '^(apps/[^/]+/src|examples/[^/]+)/flows/';
const projection = '^(apps/[^/]+/src|examples/[^/]+)/read-model/.+\\.projection\\.ts$';
const kind = '^libs/contracts/[^/]+/[^/]+\\.kind\\.ts$';
const protocol = '^libs/(entity|flow|relay)/protocol/';
const pure = [contracts, '^libs/core/', protocol, domain, flows, projection];
const sandbox = ['^libs/(entity|flow|relay)/workflow/', '^(apps/[^/]+/src|examples/[^/]+)/workflows/'];
const testing = '^libs/testing/';
const web = '^apps/console/web/';
const tools = '^tools/';

/** From the bottom up: a library imports those before it, and never one after it. */
const layers = [
  'core',
  'contracts',
  'entity/protocol',
  'flow/protocol',
  'runtime',
  'blob',
  'identity',
  'event-store',
  'kafka',
  'entity/activities',
  'entity/gateway',
  'flow/activities',
  'flow/leaves',
  'flow/memory',
  'read-model',
  'api-keys',
  'entity/memory',
  'relay',
  'schedules',
  'api',
  'flow/callbacks',
  'client',
  'operations',
  'service',
].map((layer) => `^libs/${layer}/`);

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'In a cycle no file can be understood or tested before the others.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment:
        'An import that cannot be resolved here is a typo, or an undeclared package that fails elsewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'pure-imports-only-pure',
      comment:
        'Rules must give the same answer at every replay and in every test: no I/O, clock, framework or package, but hashes, which are pure as well.',
      severity: 'error',
      from: { path: pure, pathNot: [contracts, protocol, projection, spec] },
      to: { pathNot: [...pure, '^node_modules/@noble/hashes/'] },
    },
    {
      name: 'contracts-import-only-zod',
      comment: 'A contract is read by every side, the browser too: schemas and nothing else.',
      severity: 'error',
      from: { path: contracts, pathNot: spec },
      to: { pathNot: [...pure, '^node_modules/zod/'] },
    },
    {
      name: 'projections-import-only-pure-and-zod',
      comment: 'A projection declares the schemas of its rows; apart from that it is plain rules and data.',
      severity: 'error',
      from: { path: projection, pathNot: spec },
      to: { pathNot: [...pure, '^node_modules/zod/'] },
    },
    {
      name: 'protocol-imports-only-pure-and-common',
      comment:
        'What a workflow and its callers say to each other is loaded by the sandbox and by Node: no more than both have.',
      severity: 'error',
      from: { path: protocol, pathNot: spec },
      to: { pathNot: [...pure, '^node_modules/@temporalio/common/'] },
    },
    {
      name: 'contracts-by-type-in-domain-flows-and-sandbox',
      comment: 'A contract or a projection imported by value takes zod (1.1 MB) into every workflow bundle.',
      severity: 'error',
      from: { path: [domain, flows, kind, '^libs/core/', ...sandbox], pathNot: spec },
      to: {
        path: [contracts, projection, '^node_modules/zod/'],
        pathNot: kind,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'sandbox-imports-only-pure-and-workflow',
      comment:
        'Workflow code is replayed: what is not deterministic (I/O, Node modules, packages) breaks running entities. Activities are seen by their types.',
      severity: 'error',
      from: { path: sandbox, pathNot: spec },
      to: {
        pathNot: [...pure, ...sandbox, '^node_modules/@temporalio/(workflow|common)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'node-starts-workflows-by-name',
      comment:
        'Code of the sandbox may not be loaded by a Node process: it would run outside the sandbox. Its types may be used.',
      severity: 'error',
      from: { pathNot: [...sandbox, testing, spec, '^test/'] },
      to: { path: '^(apps/[^/]+/src|examples/[^/]+)/workflows/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-runs-in-browsers',
      comment:
        'The client is a small package for browsers and Node: no packages, no Node modules, no schemas. Types of everything may be used.',
      severity: 'error',
      from: { path: '^libs/client/', pathNot: spec },
      to: {
        pathNot: ['^libs/client/', '^libs/contracts/(services|entity-contract)\\.ts$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'apps-are-strangers',
      comment: 'Services meet over the wire (REST, Kafka, Temporal); an import would make them one service.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'examples-use-libraries',
      comment: 'An example shows what a team can do outside this repository, and nothing may depend on it.',
      severity: 'error',
      from: { path: examples, pathNot: spec },
      to: { path: '^(apps|tools|test|demo|bench)/' },
    },
    {
      name: 'nothing-imports-examples',
      comment: 'An example is run and read, never imported by anything but other examples.',
      severity: 'error',
      from: { pathNot: examples },
      to: { path: examples },
    },
    {
      name: 'libs-know-no-app',
      comment: 'A library serves any entity; knowing one of them makes it a part of that app.',
      severity: 'error',
      from: { path: '^libs/', pathNot: spec },
      to: { path: '^apps/' },
    },
    ...layers.slice(0, -1).map((layer, index) => ({
      name: `layers-${layer.slice('^libs/'.length, -1).replace('/', '-')}`,
      comment:
        'A library imports only those below it, so each can be read, tested and replaced without those above.',
      severity: 'error',
      from: { path: layer, pathNot: spec },
      to: { path: layers.slice(index + 1) },
    })),
    {
      name: 'web-imports-what-browsers-have',
      comment:
        'The pages run in a browser, and each kilobyte of them is loaded before the first one is shown.',
      severity: 'error',
      from: { path: web, pathNot: spec },
      to: {
        pathNot: [
          web,
          '^libs/client/',
          '^libs/contracts/services\\.ts$',
          '^apps/console/server/catalog\\.types\\.ts$',
          '^node_modules/(react|react-dom|@types/react|@types/react-dom|@tanstack/[^/]+)/',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nothing-imports-the-web',
      comment: 'The pages are bundled for browsers. Node and the sandbox have neither a DOM nor their types.',
      severity: 'error',
      from: { pathNot: web },
      to: { path: web },
    },
    {
      name: 'no-library-imports-tools',
      comment: 'What starts or stands in for servers is for development: it is no part of the product.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [spec, testing] },
      to: { path: tools },
    },
    {
      name: 'testing-only-in-tests',
      comment: 'Test kit and development packages are not installed in production.',
      severity: 'error',
      from: { pathNot: [spec, testing, '^test/', '^bench/'] },
      to: { path: testing },
    },
    {
      name: 'development-packages-only-in-tests',
      comment: 'A development package is not installed in production.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [spec, testing] },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^node_modules/@types/',
      },
    },
    {
      name: 'nothing-from-specs',
      comment: 'A spec is run, never imported.',
      severity: 'error',
      from: {},
      to: { path: '\\.spec\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.perdure)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    webpackConfig: { fileName: '.dependency-cruiser-resolve.cjs' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
