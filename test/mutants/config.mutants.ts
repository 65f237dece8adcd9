import type { Mutant } from './mutant.js';

const folder = 'libs/service/config-file';
const settingsSpec = `${folder}/process-settings.spec.ts`;

/** Bugs in how `perdure.config.yaml` is read. */
export const configMutants: readonly Mutant[] = [
  {
    id: 'config-file-wins',
    bug: 'The file overrides the variables of the environment.',
    file: `${folder}/file-variables.ts`,
    replace: 'return overriding(environment, variable) !== undefined;',
    by: "return overriding(environment, variable) === '';",
    spec: settingsSpec,
    test: 'variables override the file one by one',
  },
  {
    id: 'config-unknown-key',
    bug: 'A key with a typing error is ignored.',
    file: `${folder}/config-file.schema.ts`,
    replace: 'z.strictObject(shape',
    by: 'z.object(shape',
    spec: `${folder}/config-file.spec.ts`,
    test: 'says of each mistake where it is',
  },
  {
    id: 'config-unlisted-process',
    bug: 'A service that the file does not list runs with all roles.',
    file: `${folder}/named-process.ts`,
    replace: 'if (!only) throw',
    by: 'if (!only) return undefined; else if (all.length < 0) throw',
    spec: settingsSpec,
    test: 'of "processes: { acount: {} }" cannot be chosen',
  },
  {
    id: 'config-shows-key',
    bug: 'The API key is printed.',
    file: `${folder}/settings-in-force.ts`,
    replace: "'none' : 'not shown'",
    by: "'none' : config.TEMPORAL_API_KEY",
    spec: `${folder}/settings-in-force.spec.ts`,
    test: 'shows where each value comes from, and no secret',
  },
  {
    id: 'config-polls-all',
    bug: 'A worker polls the task queues of others, too.',
    file: 'libs/service/roles/worker-plan.ts',
    replace: 'taskQueue === undefined ? queues : [taskQueue.name]',
    by: "taskQueue?.name === '' ? [taskQueue.name] : queues",
    spec: 'libs/service/roles/worker-plan.spec.ts',
    test: 'poll the queue that their settings name',
  },
  {
    id: 'restart-without-end',
    bug: 'A process that always ends is restarted for ever, whatever its policy says.',
    file: 'libs/runtime/restart-policy.ts',
    replace: 'recent.length >= maxAttempts',
    by: 'recent.length < 0',
    spec: 'tools/dev-stack/supervised-process.spec.ts',
    test: 'stays down after the restarts that its policy allows',
  },
  {
    id: 'config-starts-all',
    bug: 'npm start starts a process that is not to be started.',
    file: 'tools/dev-stack/stack-processes.ts',
    replace: '=> autoStart)',
    by: '=> autoStart || true)',
    spec: 'tools/dev-stack/stack-processes.spec.ts',
    test: 'the first process of a service that serves requests',
  },
];
