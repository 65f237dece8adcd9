import { z } from 'zod';
import { entityId, recordedAt, tenant, timestamp } from '#contracts/fields.js';
import { flowStatus } from '#contracts/flow/flow.contract.js';
import type { ProblemKind } from '#libs/core/problem-error.js';
import { type Overlap, OVERLAPS } from '#libs/schedules/schedule.js';
import { operatorReason } from '../views/view-operations.schemas.js';

/** Backfills that start more flows than this are done in several steps. */
export const MOST_BACKFILLED = 100;

/** Why a request about a schedule is refused. */
export const scheduleProblems = {
  notFound: { code: 'SCHEDULE.NOT_FOUND', status: 404, title: 'No service declares such a schedule' },
  invalidRange: {
    code: 'SCHEDULE.INVALID_RANGE',
    status: 422,
    title: 'A backfill must not end before it begins, nor in the future',
  },
  tooMany: {
    code: 'SCHEDULE.BACKFILL_TOO_LARGE',
    status: 422,
    title: `A backfill may cover at most ${MOST_BACKFILLED} times of the schedule`,
  },
} as const satisfies Record<string, ProblemKind>;

const count = z.int().min(0);
const NAMES = Object.keys(OVERLAPS) as [Overlap, ...Overlap[]];

const overlap = z.enum(NAMES).meta({
  description:
    'What happens while the flow of an earlier time still runs: nothing; one start, or all, once it has ended; it is cancelled first; a start at once',
});

/** `…/pause` */
export const pauseBody = z.strictObject({ reason: operatorReason });

/** `…/resume` */
export const resumeBody = z.strictObject({ reason: operatorReason.optional() });

/** `…/trigger` */
export const triggerBody = z.strictObject({
  reason: operatorReason.optional(),
  overlap: overlap.optional(),
});

/** `…/backfill` */
export const backfillBody = z.strictObject({
  from: timestamp.meta({ description: 'The first time that may be scheduled' }),
  to: timestamp.meta({ description: 'The last one; not in the future' }),
  overlap: overlap.default('buffer-all'),
  reason: operatorReason.optional(),
});

const run = z.strictObject({
  scheduledAt: recordedAt,
  startedAt: recordedAt,
  flow: entityId.meta({ description: 'The id of the flow' }),
  status: z.enum([...flowStatus.options, 'starting', 'not-started']).meta({
    description:
      'That of the flow as the read model shows it; `starting`: it is not shown yet; `not-started`: the flow refused to start',
  }),
  failure: z.string().optional().meta({ description: 'The code with which it failed' }),
});

const pause = z.strictObject({
  by: z.string().optional().meta({ description: 'The operator; absent if it was paused in Temporal' }),
  at: recordedAt.optional(),
  reason: z.string(),
});

/** A schedule in the list. */
export const scheduleItem = z.strictObject({
  schedule: z.string().meta({ examples: ['inventory-default.low-stock-digest'] }),
  service: z.string(),
  tenant,
  name: z.string(),
  type: z.string().meta({ description: 'The type of the flows that it starts' }),
  times: z.array(z.string()).meta({ examples: [['at 06:00']] }),
  timeZone: z.string().meta({ examples: ['Europe/Berlin'] }),
  overlap,
  catchUpWindow: z.string().meta({
    description: 'How late a start may be that was missed while Temporal was away',
    examples: ['4 hours'],
  }),
  paused: pause.optional().meta({ description: 'Absent unless it is paused' }),
  next: z.array(recordedAt).meta({ description: 'The next times, at most five; none while it is paused' }),
  running: count.meta({ description: 'Flows that run now, without those that `allow-all` started' }),
  started: count,
  missed: count.meta({ description: 'Times that passed by more than `catchUpWindow`' }),
  skipped: count.meta({ description: 'Times at which an earlier flow still ran' }),
});

/** A schedule with its last runs, and what operators did to it. */
export const scheduleView = scheduleItem.extend({
  runs: z.array(run).meta({ description: 'The last ten, the latest first' }),
  actions: z
    .array(
      z.strictObject({
        at: recordedAt,
        operator: z.string(),
        verb: z.enum(['pause', 'resume', 'trigger', 'backfill']),
        reason: z.string().optional(),
        detail: z.record(z.string(), z.unknown()),
      }),
    )
    .meta({ description: 'The last twenty of operators, the latest first' }),
});

/** The answer to a backfill: the times for which flows are started. */
export const backfilled = z.strictObject({ times: z.array(recordedAt) });

export type ScheduleItem = z.output<typeof scheduleItem>;
export type ScheduleView = z.output<typeof scheduleView>;
export type ScheduledRun = z.output<typeof run>;
export type BackfillRequest = z.output<typeof backfillBody>;
