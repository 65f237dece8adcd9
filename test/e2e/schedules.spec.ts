import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { cartReminderContract } from '#contracts/cart-reminder/cart-reminder.contract.js';
import { matchingTimes } from '#libs/operations/schedules/matching-times.js';
import { keepSchedules } from '#libs/schedules/keep-schedules.js';
import { defineSchedule, type Schedule } from '#libs/schedules/schedule.js';
import { ScheduleActions } from '#libs/schedules/schedule-actions.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { logger, newCategory, openPool } from '../integration/read-path-kit.js';
import { eventually, post, read, type Reply } from '../support/account-rest.js';

/** A service of its own for each test, as far as schedules are concerned, and its schedule. */
let service: string;
let pool: Pool;
let client: Client;
const made: string[] = [];
const running: { close(): Promise<void> }[] = [];
beforeAll(() => {
  pool = openPool();
  client = connectTemporal({ address: process.env['TEMPORAL_ADDRESS'] ?? '', namespace: 'default' });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
  await Promise.all(
    [...new Set(made.splice(0))].map((id) =>
      client.schedule
        .getHandle(id)
        .delete()
        .catch(() => undefined),
    ),
  );
});
afterAll(async () => {
  await client.connection.close();
  await pool.end();
});

/** What a process of the service does at its start, until it ends. */
function startProcess(...schedules: readonly Schedule[]) {
  const actions = new ScheduleActions(pool);
  const kept = keepSchedules({ client, service, schedules, actions, logger });
  running.push(kept);
  return kept;
}

/** A flow of the cart service that waits, or ends at once, because there is no such cart. */
function reminder(after: string, more: object = {}): Schedule {
  made.push(idOf());
  return defineSchedule({
    name: service,
    flow: cartReminderContract,
    input: { cart: 'no-such-cart', to: 'ann@example.com', after },
    at: [{ hour: 6 }],
    timeZone: 'Europe/Berlin',
    ...more,
  });
}

const idOf = () => `${service}-default.${service}`;
const url = (path = '') => `${process.env['PERDURE_URL']}/v1/schedules/${idOf()}${path}`;
const act = (verb: string, body: object = {}) => post(url(`/${verb}`), body);
const shown = (isSo: (body: Reply['body']) => boolean) =>
  eventually(
    async () => (await read(url())).body,
    (body) => body['schedule'] !== undefined && isSo(body),
    30_000,
  );
const runsIn = (body: Reply['body']) =>
  body['runs'] as { scheduledAt: string; flow: string; status: string; failure?: string }[];

describe('a declared schedule', () => {
  it('is made at the start of its service, and its pause survives restarts and changes', async () => {
    service = newCategory();
    const first = startProcess(reminder('1h'));
    expect(await shown(() => true)).toMatchObject({
      service,
      type: 'cartReminder',
      times: ['at 06:00'],
      timeZone: 'Europe/Berlin',
      overlap: 'skip',
      catchUpWindow: '1 hour',
      next: expect.arrayContaining([expect.stringMatching(/T0[45]:00:00.000Z$/)]),
      runs: [],
    });
    expect(await act('pause', { reason: 'stocktaking' })).toMatchObject({
      status: 200,
      body: { paused: { by: 'test', reason: 'stocktaking' } },
    });
    await first.close();
    const second = startProcess(reminder('1h', { at: [{ hour: 7 }] }));
    const changed = await shown(({ times }) => (times as string[])[0] === 'at 07:00');
    expect(changed).toMatchObject({ paused: { by: 'test', reason: 'stocktaking' } });
    await second.close();
    // Temporal was emptied.
    await client.schedule.getHandle(idOf()).delete();
    startProcess(reminder('1h'));
    expect(await shown(() => true)).toMatchObject({ paused: { by: 'test', reason: 'stocktaking' } });
    const { body } = await act('resume');
    expect(body).not.toHaveProperty('paused');
    const { actions } = await shown(() => true);
    expect(actions).toMatchObject([{ verb: 'resume' }, { verb: 'pause', operator: 'test' }]);
  });

  it('is paused once it is no longer declared, until it is again', async () => {
    service = newCategory();
    const first = startProcess(reminder('1h'));
    await shown(() => true);
    await first.close();
    const second = startProcess();
    expect(await shown(({ paused }) => paused !== undefined)).toMatchObject({
      paused: { by: 'system:undeclared' },
    });
    await second.close();
    startProcess(reminder('1h'));
    await shown(({ paused }) => paused === undefined);
  });
});

describe('an operator', () => {
  it('triggers a flow, which is skipped or cancels the one before, as asked', async () => {
    service = newCategory();
    startProcess(reminder('1h'));
    await shown(() => true);
    await act('trigger', { reason: 'a test' });
    const before = await shown((body) => runsIn(body)[0]?.status === 'running');
    await act('trigger');
    await shown(({ skipped }) => skipped === 1);
    // A flow is named by its second, and a name is used once.
    const secondOf = (time: string | number) => Math.floor(new Date(time).getTime() / 1_000);
    const first = secondOf(String(runsIn(before)[0]?.scheduledAt));
    await eventually(
      async () => secondOf(Date.now()),
      (second) => second > first,
    );
    await act('trigger', { overlap: 'cancel-other' });
    const isOver = (body: Reply['body']) => runsIn(body).some(({ status }) => status === 'cancelled');
    const after = await shown((body) => isOver(body) && runsIn(body)[0]?.status === 'running');
    expect(runsIn(after)).toMatchObject([{ status: 'running' }, { flow: runsIn(before)[0]?.flow }]);
    const flow = `${process.env['PERDURE_URL']}/v1/flows/cart-reminder/${runsIn(after)[0]?.flow}`;
    expect((await read(flow)).body).not.toHaveProperty('startedBy');
    expect(await post(`${flow}/cancel`, { reason: 'a test' }, { prefer: 'wait=20' })).toMatchObject({
      status: 200,
    });
  });

  it('backfills both changes of clocks: a time that is skipped has no flow, a repeated one one', async () => {
    service = newCategory();
    startProcess(reminder('0s', { at: [{ hour: [2, 3], minute: 30 }] }));
    await shown(() => true);
    const spring = { from: '2026-03-28T01:30:00Z', to: '2026-03-29T12:00:00Z' };
    const autumn = { from: '2026-10-25T00:00:00Z', to: '2026-10-26T01:30:00Z' };
    // In Berlin: 02:30 and 03:30, and 03:30; the second 02:30 and 03:30, and 02:30.
    const ofSpring = ['2026-03-28T01:30', '2026-03-28T02:30', '2026-03-29T01:30'];
    const ofAutumn = ['2026-10-25T01:30', '2026-10-25T02:30', '2026-10-26T01:30'];
    const whole = (times: readonly string[]) => times.map((time) => `${time}:00.000Z`);
    expect(await act('backfill', spring)).toMatchObject({ status: 200, body: { times: whole(ofSpring) } });
    const { body } = await act('backfill', autumn);
    expect(body).toEqual({ times: whole(ofAutumn) });
    const isDone = (body: Reply['body']) =>
      runsIn(body).filter(({ status }) => status === 'completed').length;
    const ids = [...ofSpring, ...ofAutumn].map((time) => `${service}-${time}:00Z`);
    const all = await shown((body) => isDone(body) === 6);
    expect(
      runsIn(all)
        .map(({ flow }) => flow)
        .toSorted(),
    ).toEqual(ids);
    // The same again: no flow starts twice.
    await act('backfill', { ...spring, overlap: 'allow-all' });
    await shown(({ started }) => started === 9);
    const events = `${process.env['PERDURE_URL']}/v1/flows/cart-reminder/${ids[0]}/events`;
    const types = ((await read(events)).body['data'] as { type: string }[]).map(({ type }) => type);
    expect(types.filter((type) => type === 'FlowStarted')).toHaveLength(1);
  });

  it.each([
    // Clocks go from 02:00 to 03:00, and from 03:00 or 02:00 back by an hour.
    ['Europe/Berlin', '2026-03-28', 2, ['03-28T01:30', '03-30T00:30']],
    ['Europe/Berlin', '2026-03-28', 3, ['03-28T02:30', '03-29T01:30', '03-30T01:30']],
    ['Europe/Berlin', '2026-10-24', 2, ['10-24T00:30', '10-25T01:30', '10-26T01:30']],
    ['Europe/Berlin', '2026-10-24', 3, ['10-24T01:30', '10-25T02:30', '10-26T02:30']],
    ['America/New_York', '2026-03-07', 2, ['03-07T07:30', '03-09T06:30']],
    ['America/New_York', '2026-03-07', 1, ['03-07T06:30', '03-08T06:30', '03-09T05:30']],
    ['America/New_York', '2026-10-31', 2, ['10-31T06:30', '11-01T07:30', '11-02T07:30']],
    ['America/New_York', '2026-10-31', 1, ['10-31T05:30', '11-01T05:30', '11-01T06:30', '11-02T06:30']],
  ])('sees which times there are in %s from %s on at %i:30', async (timeZone, day, hour, times) => {
    service = newCategory();
    startProcess(reminder('0s', { at: [{ hour, minute: 30 }], timeZone }));
    await shown(() => true);
    const start = new Date(`${day}T00:00:00Z`);
    const end = new Date(start.getTime() + 3 * 24 * 3_600_000);
    const found = await matchingTimes(client, idOf(), { start, end });
    expect(found).toEqual(times.map((time) => new Date(`2026-${time}:00Z`)));
  });

  it('is told what cannot be done', async () => {
    service = newCategory();
    startProcess(reminder('0s', { at: [{ minute: '*', hour: '*' }] }));
    await shown(() => true);
    const backfill = (from: string, to: string) => act('backfill', { from, to });
    const invalid = { status: 422, body: { code: 'SCHEDULE.INVALID_RANGE' } };
    expect(await backfill('2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z')).toMatchObject(invalid);
    expect(await backfill('2026-01-01T00:00:00Z', '2999-01-01T00:00:00Z')).toMatchObject(invalid);
    const tooLarge = { status: 422, body: { code: 'SCHEDULE.BACKFILL_TOO_LARGE' } };
    expect(await backfill('2026-01-01T00:00:00Z', '2026-01-01T02:00:00Z')).toMatchObject(tooLarge);
    expect(await act('pause')).toMatchObject({ status: 422, body: { errors: [{ pointer: '/reason' }] } });
    expect(await act('trigger', { overlap: 'terminate-other' })).toMatchObject({ status: 422 });
    service = newCategory();
    const unknown = { status: 404, body: { code: 'SCHEDULE.NOT_FOUND' } };
    expect(await read(url())).toMatchObject(unknown);
    expect(await act('resume')).toMatchObject(unknown);
  });
});

it('the digest of low stock is shown to operators, by the command too', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/perdure.mjs', 'schedules', 'list'], {
    env: process.env,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^inventory-default\.low-stock-digest +at 06:00 +UTC/m);
});
