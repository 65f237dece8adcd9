import type { CalendarSpec } from '@temporalio/client';
import type { z } from 'zod';
import type { FlowContract } from '#contracts/flow/flow.contract.js';
import { DEFAULT_TENANT, isTenant } from '#libs/core/entity-id.js';
import { type Duration, millisecondsIn } from '#libs/core/flow/duration.js';
import type { JsonObject } from '#libs/core/json.js';

/**
 * What happens at a scheduled time while the flow of an earlier one still runs, and what Temporal
 * calls it: nothing; start once it has ended, for the first such time or for all; cancel it, and
 * start once it has ended; start at once. Temporal's TERMINATE_OTHER is left out, because a
 * terminated flow is lost and undoes nothing.
 */
export const OVERLAPS = {
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
  'buffer-all': 'BUFFER_ALL',
  'cancel-other': 'CANCEL_OTHER',
  'allow-all': 'ALLOW_ALL',
} as const;

/** The name of an overlap policy. */
export type Overlap = keyof typeof OVERLAPS;

/** A flow that is started at certain times. */
export interface Schedule {
  /** Unique in the service: lower-case letters, digits and dashes. */
  readonly name: string;
  /** The type of the flow. */
  readonly flow: string;
  readonly input: JsonObject;
  /** The field of the input that gets the scheduled time, if one does. */
  readonly timeField?: string | undefined;
  readonly tenant: string;
  readonly times: Times;
  /** An IANA name. A time that a change of clocks skips or repeats is as docs/schedules.md says. */
  readonly timeZone: string;
  readonly overlap: Overlap;
  /** In milliseconds: how late a start may be that was missed while Temporal was away. */
  readonly catchUpWindow: number;
}

/** When: at times of the calendar, or by a cron expression, or at equal intervals. */
type Times =
  | { readonly at: readonly CalendarSpec[] }
  | { readonly cron: string }
  | { readonly every: Duration; readonly offset?: Duration };

/** A schedule as it is declared. What is left out has a default. */
type ScheduleParts<C extends FlowContract, Field extends string> = Times & {
  readonly name: string;
  readonly flow: C;
  readonly input: Omit<z.input<C['input']>, Field>;
  readonly timeField?: Field;
  /** Default: `default` */
  readonly tenant?: string;
  readonly timeZone: string;
  /** Default: `skip` */
  readonly overlap?: Overlap;
  /** Default: one hour */
  readonly catchUpWindow?: Duration;
};

const NAME = /^[a-z][a-z0-9-]{0,59}$/;
const CRON = /^@(yearly|monthly|weekly|daily|hourly)$|^\S+( \S+){4,6}$/;
/** Temporal's own least. */
const LEAST_CATCH_UP_MILLISECONDS = 10_000;
const SOME_TIME = '2000-01-01T00:00:00.000Z';

/**
 * Declares a flow that is started at certain times: see docs/schedules.md. Throws `TypeError` if
 * Temporal or the flow would refuse it, as far as that is known here, and `RangeError` for a
 * duration that does not exist.
 */
export function defineSchedule<C extends FlowContract, Field extends keyof z.input<C['input']> & string>(
  parts: ScheduleParts<C, Field>,
): Schedule {
  const { name, flow, input, timeField, timeZone, overlap = 'skip', tenant = DEFAULT_TENANT } = parts;
  const catchUpWindow = millisecondsIn(parts.catchUpWindow ?? '1h');
  const refuse = (why: string): never => {
    throw new TypeError(`schedule ${name}: ${why}`);
  };
  if (!NAME.test(name)) refuse('a name has lower-case letters, digits and dashes');
  if (!isTenant(tenant)) refuse(`${tenant} is not a tenant`);
  if (catchUpWindow < LEAST_CATCH_UP_MILLISECONDS) refuse('catchUpWindow must be at least 10s');
  if (!isTimeZone(timeZone)) refuse(`there is no time zone ${timeZone}`);
  const times = timesIn(parts, refuse);
  const whole = { ...input, ...(timeField !== undefined && { [timeField]: SOME_TIME }) };
  const [issue] = flow.input.safeParse(whole).error?.issues ?? [];
  if (issue) refuse(`the input is not that of ${flow.name}: ${issue.path.join('/')} ${issue.message}`);
  const given = input as unknown as JsonObject;
  return { name, flow: flow.name, input: given, timeField, tenant, times, timeZone, overlap, catchUpWindow };
}

/** Whether this is the name of a time zone, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function timesIn(parts: Times, refuse: (why: string) => never): Times {
  if ('at' in parts) return parts.at.length > 0 ? { at: parts.at } : refuse('at must list times');
  if ('cron' in parts) return CRON.test(parts.cron) ? { cron: parts.cron } : refuse('cron is no expression');
  const { every, offset = 0 } = parts;
  if (millisecondsIn(every) < 1_000) refuse('every must be at least 1s');
  if (millisecondsIn(offset) >= millisecondsIn(every)) refuse('offset must be shorter than every');
  return { every, offset };
}

/** The id of a schedule in Temporal. Neither a service nor a tenant contains a dash or a dot. */
export function scheduleId(service: string, { name, tenant }: Pick<Schedule, 'name' | 'tenant'>): string {
  return `${service}-${tenant}.${name}`;
}

/** The parts of the id of a schedule; undefined if it is none. */
export function parseScheduleId(
  id: string,
): { readonly service: string; readonly tenant: string; readonly name: string } | undefined {
  const [, service, tenant, name] = /^([^-.]+)-([^-.]+)\.(.+)$/.exec(id) ?? [];
  if (service === undefined || tenant === undefined || name === undefined) return undefined;
  return isTenant(tenant) && NAME.test(name) ? { service, tenant, name } : undefined;
}
