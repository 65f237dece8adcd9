import { describe, expect, test } from '@jest/globals';
import { OperatorsApi } from './operators-api.js';
import { onLedger } from './ledger-stage.js';
import { eventually } from './read-path-kit.js';

const stage = onLedger();

/**
 * Deposits of 5, 666 (which the view cannot fold), 7 and 8. The view has folded the first and
 * parked the rest.
 */
async function parked(): Promise<string> {
  stage.ledger.project();
  await stage.ledger.publish([5, 666, 7, 8].map((amount) => stage.ledger.happens('poisoned', amount)));
  await stage.ledger.begun();
  await eventually('the later events are queued', async () => {
    return (
      (await stage.ledger.count('parked_entities')) === 1 && (await stage.ledger.count('parked_events')) === 3
    );
  });
  return stage.ledger.streamOf('poisoned');
}

async function rowOf(id: string): Promise<object | undefined> {
  return (await stage.ledger.totals()).find((row) => row.id === id);
}

describe('an entity that a view has parked', () => {
  test('is listed with the reason, the event that failed and those that wait', async () => {
    const stream = await parked();
    const { body } = await stage.api.ask('/parked');
    expect(body['data']).toEqual([
      expect.objectContaining({
        stream,
        revision: 1,
        waiting: 3,
        attempts: 1,
        reason: 'RangeError: the amount of the beast',
      }),
    ]);
    const first = await stage.api.ask(`/parked/${stream}?limit=2`);
    expect(first.body).toMatchObject({ stream, revision: 1, events: [{ revision: 1 }, { revision: 2 }] });
    const second = await stage.api.ask(`/parked/${stream}?cursor=${String(first.body['nextCursor'])}`);
    expect(second.body).toMatchObject({ events: [{ revision: 3, data: { amount: 8 } }] });
    expect(second.body['nextCursor']).toBeUndefined();
    const views = await stage.api.askAt('views');
    expect(views.body['data']).toMatchObject([
      { view: stage.ledger.key, state: 'current', lag: 0, parkedEntities: 1 },
    ]);
  });

  test('stays parked when a retry fails again, and counts the attempts', async () => {
    const stream = await parked();
    const { status, body } = await stage.api.ask(`/parked/${stream}/retry`, {});
    expect(status).toBe(200);
    expect(body).toEqual({
      result: 'parked',
      revision: 1,
      folded: 0,
      reason: 'RangeError: the amount of the beast',
      attempts: 2,
    });
    expect(await stage.ledger.count('parked_events')).toBe(3);
  });

  test('catches up when the projection was mended', async () => {
    const stream = await parked();
    const { view } = stage.ledger;
    const mended = await OperatorsApi.over(stage.ledger, {
      ...view,
      project: (state: { total: number }, event) => {
        const amount = event.data['amount'] === 666 ? 6 : Number(event.data['amount']);
        return view.project(state, { ...event, data: { amount } });
      },
    });
    const { body } = await mended.ask(`/parked/${stream}/retry`, { revision: 1 });
    await mended.close();
    expect(body).toEqual({ result: 'caught-up', revision: 3, folded: 3 });
    expect(await rowOf('poisoned')).toMatchObject({ total: '26', revision: '3' });
    expect(await stage.ledger.count('parked_entities')).toBe(0);
    expect(await stage.ledger.count('parked_events')).toBe(0);
    await stage.ledger.publish([stage.ledger.happens('poisoned', 4)]);
    await stage.ledger.caughtUp();
    expect(await rowOf('poisoned')).toMatchObject({ total: '30', revision: '4' });
  });

  test('continues without the event that is skipped', async () => {
    const stream = await parked();
    const { body } = await stage.api.ask(`/parked/${stream}/skip`, { revision: 1, reason: 'a typing error' });
    expect(body).toEqual({ result: 'caught-up', revision: 3, folded: 3 });
    expect(await rowOf('poisoned')).toMatchObject({ total: '20', revision: '3' });
    await stage.ledger.publish([stage.ledger.happens('poisoned', 4)]);
    await stage.ledger.caughtUp();
    expect(await rowOf('poisoned')).toMatchObject({ total: '24', revision: '4' });
  });

  test('folds the patched data, also when it is rebuilt', async () => {
    const stream = await parked();
    const patch = { reason: 'the amount was 66.6', data: { amount: 66 } };
    expect((await stage.api.ask(`/parked/${stream}/patch`, patch)).body).toMatchObject({
      result: 'caught-up',
    });
    expect(await rowOf('poisoned')).toMatchObject({ total: '86', revision: '3' });
    for (const projector of [...stage.ledger.running]) await stage.ledger.stop(projector);
    await stage.pool.query(
      `TRUNCATE read_model.totals_${stage.ledger.category}, read_model.entries_${stage.ledger.category}`,
    );
    for (const table of ['offsets', 'entities']) {
      await stage.pool.query(`DELETE FROM read_model.${table} WHERE view = $1`, [stage.ledger.key]);
    }
    stage.ledger.project();
    await stage.ledger.caughtUp();
    expect(await rowOf('poisoned')).toMatchObject({ total: '86', revision: '3' });
  });

  test('stays parked when PostgreSQL refuses the patched row, and forgets that patch', async () => {
    const stream = await parked();
    const patch = { reason: 'a try', data: { amount: 0.5 } };
    const { body } = await stage.api.ask(`/parked/${stream}/patch`, patch);
    expect(body).toMatchObject({ result: 'parked', revision: 1, folded: 0, attempts: 2 });
    expect(await stage.ledger.count('amended_events')).toBe(0);
    const again = await stage.api.ask(`/parked/${stream}/patch`, { reason: 'better', data: { amount: 6 } });
    expect(again.body).toMatchObject({ result: 'caught-up', revision: 3 });
    expect(await rowOf('poisoned')).toMatchObject({ total: '26' });
  });

  test('stops at the next event that fails, with all before it folded', async () => {
    const stream = await parked();
    await stage.ledger.publish([stage.ledger.happens('poisoned', 666), stage.ledger.happens('poisoned', 1)]);
    await eventually('they are queued', async () => (await stage.ledger.count('parked_events')) === 5);
    const { body } = await stage.api.ask(`/parked/${stream}/skip`, { reason: 'the first one' });
    expect(body).toMatchObject({ result: 'parked', revision: 4, folded: 3 });
    expect(await rowOf('poisoned')).toMatchObject({ total: '20', revision: '3' });
    expect((await stage.api.ask(`/parked/${stream}/skip`, { reason: 'the other' })).body).toMatchObject({
      result: 'caught-up',
      revision: 5,
    });
    expect(await rowOf('poisoned')).toMatchObject({ total: '21', revision: '5' });
  });

  test('loses no event that arrives while it is taken up', async () => {
    const stream = await parked();
    // The operation is blocked in the middle. An event arrives in the meantime.
    const lock = await stage.pool.connect();
    await lock.query(`BEGIN; LOCK TABLE read_model.entries_${stage.ledger.category} IN EXCLUSIVE MODE`);
    const skipping = stage.api.ask(`/parked/${stream}/skip`, { reason: 'a race' });
    await eventually('the skip waits', async () => {
      const { rows } = await stage.pool.query(
        `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'read_model.entries_${stage.ledger.category}'::regclass`,
      );
      return rows.length > 0;
    });
    await stage.ledger.publish([stage.ledger.happens('poisoned', 100)]);
    await eventually('the projector waits for the parked row', async () => {
      const { rows } = await stage.pool.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%parked_entities%FOR SHARE%'`,
      );
      return rows.length > 0;
    });
    await lock.query('ROLLBACK');
    lock.release();
    expect((await skipping).body).toMatchObject({ result: 'caught-up' });
    await stage.ledger.caughtUp();
    expect(await rowOf('poisoned')).toMatchObject({ total: '120', revision: '4' });
    expect(await stage.ledger.count('parked_events')).toBe(0);
  });

  test('is in the audit with everything that was done to it', async () => {
    const stream = await parked();
    await stage.api.ask(`/parked/${stream}/retry`, { reason: 'hope' });
    await stage.api.ask(`/parked/${stream}/patch`, { reason: 'knowledge', data: { amount: 6 } });
    const { body } = await stage.api.askAt(`audit?view=${stage.ledger.key}`);
    expect(body['data']).toMatchObject([
      {
        operator: 'tester',
        view: stage.ledger.key,
        verb: 'patch',
        stream,
        revision: 1,
        reason: 'knowledge',
        before: { revision: 1, event: { data: { amount: 666 } } },
        after: { data: { amount: 6 } },
        result: { result: 'caught-up' },
      },
      { verb: 'retry', reason: 'hope', result: { result: 'parked' } },
    ]);
  });
});

describe('an impossible action', () => {
  test.each([
    ['an unknown view', 'views/no.such.v1/parked', undefined, 404, 'VIEW.NOT_FOUND'],
    ['a bad page', 'views/KEY/parked?limit=0', undefined, 400, 'REQUEST.INVALID_QUERY'],
    ['a foreign cursor', 'views/KEY/parked?cursor=abc', undefined, 400, 'REQUEST.INVALID_QUERY'],
    [
      'a cursor that no text can be',
      'views/KEY/parked?cursor=MS5hAA',
      undefined,
      400,
      'REQUEST.INVALID_QUERY',
    ],
    ['a name that no text can be', 'views/KEY/parked/%00', undefined, 404, 'VIEW.NOT_PARKED'],
    ['a retry of one', 'views/KEY/parked/%00/retry', {}, 404, 'VIEW.NOT_PARKED'],
    [
      'a reason that no text can be',
      'views/KEY/parked/x-default.y/retry',
      { reason: 'a\0' },
      422,
      'REQUEST.INVALID_BODY',
    ],
    ['an entity that is not parked', 'views/KEY/parked/x-default.y', undefined, 404, 'VIEW.NOT_PARKED'],
    ['a retry of one', 'views/KEY/parked/x-default.y/retry', {}, 404, 'VIEW.NOT_PARKED'],
    ['a skip without a reason', 'views/KEY/parked/x-default.y/skip', {}, 422, 'REQUEST.INVALID_BODY'],
    [
      'a patch without data',
      'views/KEY/parked/x-default.y/patch',
      { reason: 'r' },
      422,
      'REQUEST.INVALID_BODY',
    ],
  ])('%s is refused', async (_, path, body, status, code) => {
    stage.ledger.project();
    await stage.ledger.publish([stage.ledger.happens('fine', 1)]);
    await stage.ledger.caughtUp();
    const reply = await stage.api.askAt(path.replace('KEY', stage.ledger.key), body);
    expect(reply).toMatchObject({ status, body: { status, code } });
  });

  test('a decision about another event than the one that failed changes nothing', async () => {
    const stream = await parked();
    const reply = await stage.api.ask(`/parked/${stream}/skip`, { revision: 2, reason: 'too late' });
    expect(reply).toMatchObject({ status: 409, body: { code: 'VIEW.PARKED_ELSEWHERE' } });
    expect(await stage.ledger.count('parked_events')).toBe(3);
    expect(await stage.ledger.count('amended_events')).toBe(0);
  });

  test.each([
    ['skip', {}],
    ['patch', { data: { amount: 6 } }],
  ])('%s in a view whose rows are proof changes nothing', async (verb, more) => {
    const stream = await parked();
    const proof = await OperatorsApi.over(stage.ledger, { ...stage.ledger.view, isProof: true });
    const reply = await proof.ask(`/parked/${stream}/${verb}`, { reason: 'to be rid of it', ...more });
    await proof.close();
    expect(reply).toMatchObject({ status: 409, body: { code: 'VIEW.NOT_AMENDABLE' } });
    expect(await stage.ledger.count('parked_events')).toBe(3);
    expect(await stage.ledger.count('amended_events')).toBe(0);
  });
});
