// Nest, uuid and a few others are ESM-only, which jest on Node 20 cannot require, so they are
// transformed along with our own sources.
const esmOnly = [
  '@nestjs',
  '@noble',
  '@seriousme',
  'uuid',
  'jose',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
];

const swc = [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
      target: 'es2023',
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: [],
  transform: { '^.+\\.m?[jt]s$': swc },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: {
    '^#libs/(.*)\\.js$': '<rootDir>/libs/$1.ts',
    '^#tools/(.*)\\.js$': '<rootDir>/tools/$1.ts',
    '^#contracts/(.*)\\.js$': '<rootDir>/libs/contracts/$1.ts',
    '^(\\.{1,2}/(?!.*node_modules).*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.perdure/'],
};

/** Runs share the machine, and some kill servers, so tests get a longer time-out. */
const patient = { setupFilesAfterEnv: ['<rootDir>/test/setup/patience.ts'] };

// Both official clients run the same suite, each in its own project: their generated code shares
// global names and would clash in one process.
const store = {
  ...base,
  ...patient,
  testMatch: ['<rootDir>/test/store/**/*.spec.ts'],
  globalSetup: '<rootDir>/test/setup/store-setup.ts',
  globalTeardown: '<rootDir>/test/setup/store-teardown.ts',
};

/** The longest come first: `npm test` begins them in this order, some side by side. */
export default {
  projects: [
    {
      ...base,
      ...patient,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/setup/e2e-setup.ts',
      globalTeardown: '<rootDir>/test/setup/e2e-teardown.ts',
    },
    {
      ...base,
      ...patient,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.spec.ts', '<rootDir>/examples/*.spec.ts'],
      globalSetup: '<rootDir>/test/setup/stack-setup.ts',
      globalTeardown: '<rootDir>/test/setup/stack-teardown.ts',
    },
    {
      ...base,
      ...patient,
      displayName: 'workflow',
      testMatch: ['<rootDir>/test/workflow/**/*.spec.ts', '<rootDir>/examples/*/*.spec.ts'],
      globalSetup: '<rootDir>/test/setup/workflow-setup.ts',
      globalTeardown: '<rootDir>/test/setup/workflow-teardown.ts',
    },
    // Each of its files starts servers of its own: nobody else's processes may take part.
    { ...base, ...patient, displayName: 'chaos', testMatch: ['<rootDir>/test/chaos/**/*.spec.ts'] },
    { ...store, displayName: 'store', globals: { OFFICIAL_CLIENT: '@eventstore/db-client' } },
    { ...store, displayName: 'store-kurrent', globals: { OFFICIAL_CLIENT: '@kurrent/kurrentdb-client' } },
    {
      ...base,
      ...patient,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{libs,apps,tools,bench,demo,test/access,test/sagas,test/checkers,test/mutants,test/pictures}/**/*.spec.ts',
      ],
    },
  ],
};
