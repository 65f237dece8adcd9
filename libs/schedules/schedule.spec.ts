import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { emailAddress, timestamp } from '#contracts/fields.js';
import { flowContract } from '#contracts/flow/flow.contract.js';
import { defineSchedule, parseScheduleId, scheduleId } from './schedule.js';
import { isDeclaredSo, optionsOf, updateTo } from './temporal-schedule.js';

const digest = flowContract({
  name: 'digest',
  path: 'flows/digest',
  summary: 'Mail what has happened',
  access: { start: ['anyone'], cancel: ['anyone'], read: ['anyone'], feed: ['anyone'] },
  input: z.strictObject({ to: emailAddress, day: timestamp }),
  messages: {},
  result: z.strictObject({}),
});

const parts = {
  name: 'daily',
  flow: digest,
  input: { to: 'ann@example.com' },
  timeField: 'day',
  at: [{ hour: 6 }],
  timeZone: 'Europe/Berlin',
} as const;
const daily = defineSchedule(parts);

describe('a schedule', () => {
  it('starts the flow of its time, and skips one if an earlier flow still runs', () => {
    expect(optionsOf('shop', daily)).toMatchObject({
      scheduleId: 'shop-default.daily',
      spec: { calendars: [{ hour: 6 }], timezone: 'Europe/Berlin' },
      action: {
        type: 'startWorkflow',
        workflowType: 'digest',
        workflowId: 'digest-default.daily',
        taskQueue: 'digest',
        args: [{ scheduled: { schedule: 'shop-default.daily', input: parts.input, timeField: 'day' } }],
      },
      policies: { overlap: 'SKIP', catchupWindow: 3_600_000 },
    });
  });

  it.each([
    [{ cron: '30 6 * * MON-FRI' }, { cronExpressions: ['30 6 * * MON-FRI'] }],
    [{ every: '15m', offset: '5m' }, { intervals: [{ every: 900_000, offset: 300_000 }] }],
  ])('has times by %j', (times, spec) => {
    const { at: _, ...rest } = parts;
    expect(optionsOf('shop', defineSchedule({ ...rest, ...times })).spec).toMatchObject(spec);
  });

  it.each([
    ['a name with a dot', { name: 'a.b' }],
    ['a tenant with a dash', { tenant: 'a-b' }],
    ['a time zone that does not exist', { timeZone: 'Europe/Atlantis' }],
    ['an input that the flow refuses', { input: { to: 'nobody' } }],
    ['no times', { at: [] }],
    ['a catch-up window that Temporal would raise', { catchUpWindow: '5s' }],
  ])('cannot have %s', (_, more) => {
    expect(() => defineSchedule({ ...parts, ...more })).toThrow();
  });

  it('cannot have a cron expression with too few fields, or intervals that begin after their end', () => {
    const { at: _, ...rest } = parts;
    expect(() => defineSchedule({ ...rest, cron: '6 *' })).toThrow(TypeError);
    expect(() => defineSchedule({ ...rest, every: '5m', offset: '5m' })).toThrow(TypeError);
  });

  it('cannot lack a part of the input that is not the time', () => {
    const { timeField: _, ...rest } = parts;
    expect(() => defineSchedule(rest as never)).toThrow('day');
  });

  it('has an id that names its service and its tenant', () => {
    const id = scheduleId('shop', { name: 'month-end', tenant: 'acme' });
    expect(parseScheduleId(id)).toEqual({ service: 'shop', tenant: 'acme', name: 'month-end' });
    expect(parseScheduleId('month-end')).toBeUndefined();
  });
});

describe('a schedule that was made before', () => {
  const options = optionsOf('shop', daily);
  const made = { action: options.action } as never;

  it('is recognised if it is declared as before', () => {
    expect(isDeclaredSo(optionsOf('shop', defineSchedule(parts)), made)).toBe(true);
  });

  it.each([
    { at: [{ hour: 7 }] },
    { timeZone: 'UTC' },
    { overlap: 'allow-all' as const },
    { input: { to: 'b@c.de' } },
  ])('is not, with %j', (more) => {
    expect(isDeclaredSo(optionsOf('shop', defineSchedule({ ...parts, ...more })), made)).toBe(false);
  });

  it('is not, when its task queue is divided', () => {
    const divided = optionsOf('shop', daily, { [daily.flow]: 4 });
    expect(divided.action.taskQueue).toMatch(new RegExp(`^${daily.flow}-[0-3]$`));
    expect(isDeclaredSo(divided, made)).toBe(false);
  });

  it('stays paused when its declaration changes', () => {
    const state = { paused: true, note: 'Paused by olivia' };
    expect(updateTo(options, { state }).state).toEqual(state);
  });
});
