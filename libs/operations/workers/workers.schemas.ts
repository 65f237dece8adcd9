import { z } from 'zod';

const moment = z.iso.datetime({ precision: 3 });
const failure = z.strictObject({ at: moment, reason: z.string() });
const inUse = z.strictObject({ used: z.int().min(0), total: z.int().min(0) });

const workerItem = z.strictObject({
  worker: z.string().meta({ description: 'Its task queue', examples: ['account-effects'] }),
  state: z.enum(['starting', 'waiting', 'running', 'restarting', 'failed', 'draining', 'paused']),
  restarts: z.int().min(0).meta({ description: 'Since its process started' }),
  lastFailure: failure.optional(),
  slots: z.strictObject({
    workflowTasks: inUse.optional(),
    localActivities: inUse.optional(),
    activities: inUse,
  }),
  cache: inUse.optional().meta({ description: 'Entities in memory' }),
  backlog: z.int().min(0).optional().meta({ description: 'Tasks on its queue that wait, about' }),
  backlogSeconds: z.int().min(0).optional().meta({ description: 'Age of the oldest of them' }),
});

/** What a process says of itself. */
export const reportSchema = z.strictObject({
  roles: z.array(z.string()),
  build: z.string().optional(),
  memoryBytes: z.int().min(0),
  memoryLimitBytes: z.int().min(0).optional(),
  unready: z.string().optional().meta({ description: 'Why it takes no requests any more' }),
  workers: z.array(workerItem),
  decidedPerSecond: z.number().min(0).optional().meta({ description: 'Commands, over the last minute' }),
  commandTimes: z
    .strictObject({ count: z.int().min(0), p50: z.number(), p95: z.number(), p99: z.number() })
    .optional()
    .meta({ description: 'Waits for outcomes within the last minute, in milliseconds' }),
  drift: z
    .array(
      z.strictObject({
        at: moment,
        kind: z.enum(['stream', 'topic', 'record', 'view', 'row', 'entity']),
        stream: z.string(),
        where: z.string().optional(),
        healed: z.boolean(),
      }),
    )
    .optional()
    .meta({ description: 'Differences that it found within the last hour' }),
  proven: z
    .array(z.strictObject({ stream: z.string(), at: moment }))
    .optional()
    .meta({ description: 'Entities of which its doctor left no difference within the last hour' }),
  hotEntities: z
    .array(z.strictObject({ stream: z.string(), at: moment, isRefused: z.boolean() }))
    .optional()
    .meta({ description: 'Entities to which it sent more than they have decided yet' }),
});

/** A process, as it has last reported. */
export const processItem = reportSchema.extend({
  process: z.string().meta({ examples: ['account-work'] }),
  id: z.string().meta({ description: 'Unlike the name, of one process only' }),
  service: z.string(),
  state: z
    .enum(['running', 'ending', 'ended', 'silent'])
    .meta({ description: 'silent: it has not reported for 20 s, and was perhaps killed' }),
  startedAt: moment,
  heardAt: moment,
  restarts: z.int().min(0).meta({ description: 'Of the process' }),
  lastFailure: failure.optional(),
  acknowledgedAt: moment.optional().meta({ description: 'An operator has seen all failures until then' }),
});

export const orderItem = z.strictObject({
  at: moment,
  operator: z.string(),
  process: z.string().meta({ description: 'The id of the process' }),
  worker: z.string().optional(),
  verb: z.enum(['pause', 'resume', 'drain', 'acknowledge']),
  reason: z.string().optional(),
  obeyedAt: moment.optional(),
});

export const orderBody = z.strictObject({
  worker: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The task queue of one worker. Default: all of the process' }),
  reason: z.string().min(1).max(500).optional(),
});

export const acknowledgement = orderBody.pick({ reason: true });

/** The processes that an order was given to. */
export const ordered = z.strictObject({ processes: z.array(z.string()) });

export type WorkerReport = z.output<typeof workerItem>;
export type ProcessReport = z.output<typeof reportSchema>;
export type ListedProcess = z.output<typeof processItem>;
export type Order = z.output<typeof orderItem>;
/** What a process itself carries out. */
export type OrderVerb = Exclude<Order['verb'], 'acknowledge'>;
