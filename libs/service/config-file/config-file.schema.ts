import { z } from 'zod';
import { duration } from '#contracts/fields.js';
import { MOST_PARTITIONS } from '#libs/entity/protocol/task-queues.js';
import { ROLES, WORKER_ROLES } from '../role.js';

/** A mapping without other keys than these. */
function mapping<Shape extends z.ZodRawShape>(shape: Shape, error = 'must be a mapping') {
  const unknown = `is not known; known here: ${Object.keys(shape).join(', ')}`;
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? unknown : error) });
}

const roleNames = ROLES.join(', ');
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const named = (error: string) => z.string({ error }).regex(NAME, { error });
const QUEUE = z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'is not the name of a task queue');
const text = z.string('must be text').min(1, 'must not be empty');
const count = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

const temporal = mapping({
  /** Where it listens. Variable: `TEMPORAL_ADDRESS`. Default: `127.0.0.1:7233`. */
  address: text.regex(/^[^\s/@]+:\d{1,5}$/, 'must be host:port').optional(),
  /** Variable: `TEMPORAL_NAMESPACE`. Default: `default`. */
  namespace: text.optional(),
  /**
   * Present: connections use TLS, as with `TEMPORAL_TLS=true`. Paths are relative to this file.
   * Variables: `TEMPORAL_TLS_…`.
   */
  tls: mapping(
    {
      /** Authorities of the server's certificate. Default: those that the system trusts. */
      ca: text.optional(),
      /** Our certificate, and its key. */
      cert: text.optional(),
      key: text.optional(),
      /** The name in the server's certificate, if it differs from that in the address. */
      serverName: text.optional(),
    },
    'must be a mapping; {} is TLS with the authorities that the system trusts',
  ).optional(),
  /** Where the API key is. The key itself is never in this file. Variable: `TEMPORAL_API_KEY`. */
  apiKey: mapping(
    {
      /** A file that contains it. */
      file: text.optional(),
      /** An environment variable that contains it. */
      variable: text.optional(),
    },
    'must name a file or a variable; the key itself must not be in this file',
  )
    .refine(({ file, variable }) => (file === undefined) !== (variable === undefined), {
      error: 'must have either file or variable',
    })
    .optional(),
});

const slots = mapping({
  /** Steps of entities, sagas and flows at a time. Default: 16. */
  workflowTasks: count(2, 1_000).optional(),
  /** Loads, decisions and appends at a time. Default: 100. */
  localActivities: count(1, 10_000).optional(),
  /** Effects or calls at a time, and appends while the event store is away. Default: 100. */
  activities: count(1, 10_000).optional(),
});

const worker = mapping({
  /** What it does. Variable: `ROLES`, which decides for the whole process. */
  roles: z
    .array(z.enum(ROLES, `must be one of ${roleNames}`), 'must be a list of roles')
    .min(1, `must list some of ${roleNames}`),
  /** The only one of the service's task queues that it polls. Default: it polls all. */
  taskQueue: text.optional(),
  /** How many tasks it handles at a time, on each task queue. */
  slots: slots.optional(),
  /** Entities that it keeps in memory. Variable: `CACHED_ENTITIES`. Default: 500. */
  cache: count(2, 100_000).optional(),
}).superRefine(({ roles, taskQueue, slots: given, cache }, context) => {
  const useless = (path: readonly string[], needed: readonly string[]) => {
    const message = `has no effect without ${needed.length > 1 ? 'one of the roles' : 'the role'} ${needed.join(', ')}`;
    context.addIssue({ code: 'custom', path: [...path], message });
  };
  const keys = { taskQueue, slots: given, cache };
  if (!roles.some((role) => WORKER_ROLES.some((one) => one === role))) {
    for (const [key, value] of Object.entries(keys)) if (value !== undefined) useless([key], WORKER_ROLES);
  } else if (!roles.includes('entities')) {
    if (cache !== undefined) useless(['cache'], ['entities']);
    for (const key of ['workflowTasks', 'localActivities'] as const)
      if (given?.[key] !== undefined) useless(['slots', key], ['entities']);
  }
});

type Worker = z.output<typeof worker>;

/** Whether two workers would do the same work twice over. */
function commonRole(one: Worker, other: Worker): string | undefined {
  const areApart =
    one.taskQueue !== undefined && other.taskQueue !== undefined && one.taskQueue !== other.taskQueue;
  const common = one.roles.filter((role) => other.roles.includes(role));
  return common.find((role) => !areApart || !WORKER_ROLES.some((name) => name === role));
}

const time = z.string({ error: 'must be a time such as 30s' }).pipe(duration);

const restart = mapping({
  /** Restarts within the window; after one more end, it stays down. Default: 5. */
  maxAttempts: count(0, 1_000).default(5),
  /** The pause before the first of them; the next ones are longer. Default: `1s`. */
  backoff: time.default('1s'),
  /** How long a restart counts. Default: `1m`. */
  window: time.default('1m'),
});

const processSchema = z.preprocess(
  (given) => given ?? {},
  mapping({
    /** The service that it runs. Default: its own name. */
    service: named('must be the name of a service').optional(),
    /** Whether `npm start` starts it. Default: it does. */
    autoStart: z.boolean('must be true or false').optional(),
    /** How often it, and each worker in it, is started again. Default: without limit. */
    restart: restart.optional(),
    /** Resident memory beyond which it ends, to be started again. Default: no limit. */
    memory: z
      .string('must be a size such as 512MB')
      .regex(/^[1-9]\d{0,5}(MB|GB)$/, 'must be a size such as 512MB or 2GB')
      .optional(),
    /** What the process runs. Default: one worker with all roles. */
    workers: z
      .array(worker, 'must be a list of workers')
      .min(1, 'must list at least one worker')
      .superRefine((workers, context) =>
        workers.forEach((one, index) => {
          const before = workers.findIndex((other) => commonRole(other, one) !== undefined);
          const earlier = workers[before];
          if (before >= index || !earlier) return;
          const message = `${commonRole(earlier, one)} is a role of workers.${before}, too`;
          context.addIssue({ code: 'custom', path: [index, 'roles'], message });
        }),
      )
      .optional(),
  }),
);

const processName = 'is not a name for a process: use lower-case letters, digits and -';

/** `perdure.config.yaml`: how what exists is run. What is missing has a default. */
export const configSchema = z.preprocess(
  (given) => given ?? {},
  mapping({
    /**
     * Into how many task queues that of a service is divided, by its name. The same in all
     * processes, because any of them may start an entity. Variable: `TASK_QUEUE_PARTITIONS`.
     */
    partitions: z
      .record(QUEUE, count(1, MOST_PARTITIONS), 'must be a mapping of task queues to numbers')
      .optional(),
    /** The connection to Temporal, the same in all processes: entities send each other commands. */
    temporal: temporal.optional(),
    /** All processes, by name. Default: one for each service. */
    processes: z
      .record(named(processName), processSchema, 'must be a mapping of processes')
      .refine((processes) => Object.keys(processes).length > 0, 'must have at least one process')
      .optional(),
  }),
);

/** What the file says. */
export type ConfigValues = z.output<typeof configSchema>;

/** What the file says of a process. */
export type ProcessValues = z.output<typeof processSchema>;
