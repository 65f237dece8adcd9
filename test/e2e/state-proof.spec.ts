import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { stateTopic } from '#contracts/entity-contract.js';
import { taskQueueOf } from '#contracts/services.js';
import { createLogger } from '#libs/runtime/logger.js';
import { readConfig } from '#libs/api/http/read-config.js';
import { connectEngines, closersOf, type Engines } from '#libs/service/engines.js';
import { HostedService } from '#libs/service/hosted-service.js';
import { serviceConfig } from '#libs/service/service-config.js';
import { startReconciler } from '#libs/operations/reconciler/reconciler.js';
import { accountService } from '../../apps/account/src/account.service.js';
import { command, eventually, insist, read } from '../support/account-rest.js';
import type { DoctorDrift } from '#libs/operations/doctor/doctor.schemas.js';
import { readTopic } from '../integration/read-path-kit.js';
import { askDoctor } from '../support/doctor.js';

const url = String(process.env['PERDURE_URL']);
const wait = { prefer: 'wait=20' };
/** Of an account: accounts and statement, the index of entities, and the names in use. */
const VIEWS = 4;
process.env['LOG_LEVEL'] ??= 'silent';
const logger = createLogger('state-proof-test');
const config = readConfig(serviceConfig(0), process.env);

let pool: Pool;
let engines: Engines;
let account: string;
let stream: string;

beforeAll(() => {
  engines = connectEngines('account', config, logger);
  pool = engines.pool;
});
afterAll(async () => {
  for (const part of closersOf(engines)) await part.close();
});

/** An account with two events, shown by all views. */
beforeEach(async () => {
  account = `proof-${randomUUID()}`;
  stream = `account-default.${account}`;
  expect((await command(url, account, 'open', { owner: 'Proof', currency: 'EUR' }, wait)).status).toBe(201);
  expect((await command(url, account, 'deposit', { amount: 100 }, wait)).status).toBe(200);
  await eventually(
    shownRevisions,
    (revisions) => revisions.length === VIEWS && revisions.every((one) => one === 1),
  );
});

async function shownRevisions(): Promise<readonly number[]> {
  const { rows } = await pool.query<{ revision: string }>(
    'SELECT revision FROM read_model.entities WHERE stream = $1',
    [stream],
  );
  return rows.map(({ revision }) => Number(revision));
}

/** The differences of the account. */
function doctor(body: object = {}): Promise<readonly DoctorDrift[]> {
  return askDoctor(url, { stream, ...body });
}

/** The differences of all accounts, streams and topic included. */
function doctorOfAll(body: object = {}): Promise<readonly DoctorDrift[]> {
  return askDoctor(url, { category: 'account', ...body });
}

/** Resets the account's view to before the deposit, which its offset has passed. */
async function dropDeposit(): Promise<void> {
  const opened = { status: 'open', owner: 'Proof', currency: 'EUR', balance: 0, held: 0 };
  await pool.query(
    `UPDATE read_model.entities SET revision = 0, hash = NULL, base = base || $2
     WHERE stream = $1 AND view = 'account.accounts.v1'`,
    [stream, JSON.stringify(opened)],
  );
  await pool.query(
    `UPDATE read_model.accounts_v1 SET balance = 0, available = 0, revision = 0, updated_at = opened_at WHERE id = $1`,
    [account],
  );
}

/** Restarts the entity with a memory that differs from its stream. */
async function editEntity(): Promise<void> {
  const handle = engines.client.workflow.getHandle(stream);
  const fold = await handle.query<{ state: object }>('state');
  await handle.terminate('a test');
  const carried = {
    fold: { ...fold, state: { ...fold.state, balance: 1_000 } },
    ring: { entries: [] },
    inbox: [],
  };
  await engines.client.workflow.start('account', {
    workflowId: stream,
    taskQueue: taskQueueOf('account'),
    args: [{ stream, carried }],
  });
}

const edit = (sql: string) => async () => {
  const { rowCount } = await pool.query(sql, [sql.includes('.entities') ? stream : account]);
  expect(rowCount).toBe(1);
};

const faults: readonly (readonly [string, string, () => Promise<void>])[] = [
  ['a row that was changed', 'row', edit('UPDATE read_model.accounts_v1 SET balance = 7 WHERE id = $1')],
  [
    'a row that was deleted',
    'row',
    edit('DELETE FROM read_model.statement_entries_v1 WHERE account_id = $1'),
  ],
  [
    'a row that was added',
    'row',
    edit(`INSERT INTO read_model.statement_entries_v1
      SELECT tenant, account_id, 9, kind, amount, currency, balance, held, hold_id, reference, at
      FROM read_model.statement_entries_v1 WHERE account_id = $1`),
  ],
  [
    'a state of a view that was edited',
    'view',
    edit(`UPDATE read_model.entities SET base = base || '{"balance": 7}'
          WHERE stream = $1 AND view = 'account.statement.v1'`),
  ],
  [
    'a revision of a view that was edited',
    'view',
    edit(`UPDATE read_model.entities SET revision = 40 WHERE stream = $1 AND view = 'account.accounts.v1'`),
  ],
  ['a record that was passed over', 'record', dropDeposit],
  ['a memory that was edited', 'entity', editEntity],
];

/**
 * The differences, once there are any: an entity that does not answer in time is compared again.
 */
function untilFound(body: object = {}): Promise<readonly DoctorDrift[]> {
  return eventually(
    () => doctor(body),
    ({ length }) => length > 0,
  );
}

/** Whether nothing differs, and the entity, too, answered. */
async function isHealed(): Promise<boolean> {
  const live = await read(`${url}/v1/accounts/${account}`);
  return live.body['balance'] === 100 && (await doctor()).length === 0;
}

async function expectWell(): Promise<void> {
  expect(await doctor()).toEqual([]);
  expect((await read(`${url}/v1/accounts/${account}`)).body).toMatchObject({ balance: 100, revision: 1 });
  const { body } = await read(`${url}/v1/accounts?owner=Proof&limit=200`);
  const rows = body['data'] as readonly { readonly id: string }[];
  expect(rows.find(({ id }) => id === account)).toMatchObject({ balance: 100, available: 100, revision: 1 });
}

describe.each(faults)('%s', (_, kind, break_) => {
  it('is found and healed by the doctor', async () => {
    expect(await doctor()).toEqual([]);
    await break_();
    expect(await untilFound()).toContainEqual(expect.objectContaining({ kind, healed: false }));
    const healed = await untilFound({ heal: true });
    // Rows are healed by then. An entity is asked to reload, and may do so a moment later.
    expect(healed.filter((drift) => !drift.healed && drift.kind !== 'entity')).toEqual([]);
    await eventually(isHealed, Boolean);
    await expectWell();
  });

  it('is healed by the reconciler', async () => {
    await break_();
    await untilFound();
    const { proof } = new HostedService(accountService(), { engines, config, logger });
    const reconciler = startReconciler({ ...proof, everySeconds: 1, entities: 1_000 });
    try {
      await eventually(isHealed, Boolean);
    } finally {
      await reconciler.close();
    }
    await expectWell();
  });
});

describe('an event that was changed in the store', () => {
  const setAmount = (from: number, to: number) =>
    pool.query(
      `UPDATE event_store.events SET data = convert_to(replace(convert_from(data, 'UTF8'), $2, $3), 'UTF8')
       WHERE stream = $1 AND revision = 1`,
      [stream, `"amount":${from}`, `"amount":${to}`],
    );

  it('is found and not healed: no row changes to something that was never decided', async () => {
    await setAmount(100, 900);
    try {
      const found = (await doctorOfAll({ heal: true })).filter((drift) => drift.stream === stream);
      expect(found.length).toBeGreaterThan(0);
      expect(
        found.every((drift) => !drift.healed && (drift.kind === 'stream' || drift.kind === 'topic')),
      ).toBe(true);
      expect(found).toContainEqual(expect.objectContaining({ kind: 'stream' }));
    } finally {
      await setAmount(900, 100);
    }
    await expectWell();
  });
});

describe('a state on the topic that is another than the stream says', () => {
  const topic = stateTopic('account');

  it('is found, and not healed', async () => {
    const published = (await readTopic(engines.kafka, topic)).findLast(({ key }) => key === stream);
    const { value = '', headers = {} } = published ?? {};
    const sender = engines.kafka.openSender();
    const publish = (text: string) =>
      sender.send([{ topic, messages: [{ key: stream, value: text, headers }] }]);
    await publish(value.replace('"balance":100', '"balance":7'));
    const found = (await doctorOfAll({ heal: true })).filter((drift) => drift.stream === stream);
    await publish(value);
    await sender.close();
    expect(found).toMatchObject([{ kind: 'topic', where: topic, healed: false }]);
    expect(await doctorOfAll()).toEqual([]);
  });
});

describe('a row of an account that never was', () => {
  it('is found, and deleted', async () => {
    const ghost = `ghost-${randomUUID()}`;
    await pool.query(
      `INSERT INTO read_model.accounts_v1 SELECT tenant, $2, status, owner, currency, balance, held, available,
         revision, opened_at, updated_at FROM read_model.accounts_v1 WHERE id = $1`,
      [account, ghost],
    );
    const found = await doctorOfAll({ heal: true });
    expect(found).toMatchObject([{ kind: 'row', stream: `account-default.${ghost}`, healed: true }]);
    expect(await doctorOfAll()).toEqual([]);
  });
});

describe('perdure doctor', () => {
  const run = (...options: readonly string[]) =>
    promisify(execFile)(process.execPath, ['dist/apps/operator/src/main.js', 'doctor', ...options], {
      env: { ...process.env, PERDURE_URL: url },
    });

  it('prints what it compared, and exits with 1 if something differs', async () => {
    expect((await run('--category', 'account')).stdout).toContain('Everything matches the streams.');
    expect((await run(stream)).stdout).toContain('Everything matches the streams.');
    await pool.query('UPDATE read_model.accounts_v1 SET balance = 7 WHERE id = $1', [account]);
    const failed = (await run(stream).catch((error: unknown) => error)) as {
      readonly code: number;
      readonly stdout: string;
    };
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain(`differs in balance`);
    expect((await run(stream, '--heal')).stdout).toContain('healed');
    for (const nothing of [
      ['--category', 'nothing'],
      ['account-default.nobody'],
      ['nothing-default.x'],
      ['x'],
    ]) {
      await expect(run(...nothing)).rejects.toMatchObject({ code: 1 });
    }
  });
});

describe('under constant load', () => {
  it('nothing that is merely behind is taken for wrong', async () => {
    const stopping = new AbortController();
    let sent = 0;
    const clients = Array.from({ length: 4 }, async () => {
      while (!stopping.signal.aborted) {
        await insist(url, account, 'deposit', randomUUID(), { amount: 1 }, sent % 2 === 0 ? wait : {});
        sent += 1;
      }
    });
    try {
      for (let round = 0; round < 3; round += 1) expect(await doctorOfAll()).toEqual([]);
    } finally {
      stopping.abort();
      await Promise.all(clients);
    }
    expect(sent).toBeGreaterThan(10);
  });
});
