import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { freePorts } from '#tools/dev-stack/port.js';
import { checkAcknowledged } from '../checkers/acknowledged.checker.js';
import type { CommandFact, EventFact, RecordFact, ViewLook } from '../checkers/facts.js';
import { checkLiveStates, checkRevisions } from '../checkers/fold.checker.js';
import { checkMoney } from '../checkers/money.checker.js';
import { checkOnce } from '../checkers/once.checker.js';
import { checkTopic } from '../checkers/topic.checker.js';
import { checkRows, checkViewsOnlyAdvance } from '../checkers/view.checker.js';
import { openKafka, readTopic } from '../integration/read-path-kit.js';
import { command, eventually, insist, request } from '../support/account-rest.js';
import { depthOf } from '../support/depth.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';
import { accountLedger, accountRows, accountsAlive, balancesOf, eventsIn } from './account-facts.js';
import { ChaosStack } from './chaos-stack.js';
import { Load } from './load.js';
import { planOf } from './plan.js';
import { RoleProcess } from './role-process.js';

const SENDS = depthOf('CHAOS_COMMANDS');
const KILLS = depthOf('CHAOS_KILLS');
const SERVER_KILLS = depthOf('CHAOS_SERVER_KILLS');
const ACCOUNTS = 20;
const RECEIPTS = 400;
/** Sends that may start shortly before a kill. */
const MARGIN = 60;
const ROLES = ['api', 'worker', 'relay', 'projector'];
const SERVERS = ['event-store', 'temporal', 'kafka', 'postgres'] as const;
const TOPIC = 'perdure.account.events.v1';
/** The views whose rows are compared. Each is filled independently. */
const VIEWS = ['account.accounts.v1', 'account.statement.v1'];
const TOO_MUCH = 1_000_000_000;

const seed = printedSeed();
const random = seededRandom(seed);
const prefix = `any-${seed}-`;
const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `${prefix}${index}`);

let stack: ChaosStack;
let roles: readonly RoleProcess[] = [];
let pool: Pool;

const api = (): string => roles[0]?.url ?? '';

beforeAll(async () => {
  stack = await ChaosStack.start();
  pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 4 });
  // A killed server ends idle connections; the next query reports it.
  pool.on('error', () => undefined);
  const ports = await freePorts(ROLES.length);
  roles = ROLES.map((role, index) => new RoleProcess(role, ports[index] ?? 0, stack.environment));
  for (const role of roles) role.start();
  await Promise.all(roles.map((role) => role.untilReady()));
}, 300_000);

afterAll(async () => {
  await Promise.all(roles.map((role) => role.stop()));
  await pool.end();
  await stack.stop();
}, 120_000);

/** The kills in random order, each role this many times, and none again before the others. */
function victims(): (() => Promise<void>)[] {
  const rounds = Array.from({ length: Math.max(KILLS, SERVER_KILLS) }, (_, round) => [
    ...(round < KILLS ? roles.map((role) => () => role.kill()) : []),
    ...(round < SERVER_KILLS ? SERVERS.map((name) => async () => stack.kill(name)) : []),
  ]);
  return rounds.flatMap((round) => {
    const order = round.map((kill) => ({ kill, place: random() })).sort((a, b) => a.place - b.place);
    return order.map(({ kill }) => kill);
  });
}

/**
 * Kills while sends are in flight, each when its share of the load is done and everything has
 * recovered from the previous one.
 */
async function killWhile(load: Load): Promise<number[]> {
  const inFlight: number[] = [];
  const kills = victims();
  for (const [index, kill] of kills.entries()) {
    const due = Math.floor((SENDS * (index + 1)) / (kills.length + 2));
    load.holdAt(due + MARGIN);
    const isDue = async () => load.done >= due;
    await eventually(isDue, Boolean, 300_000, 5);
    await Promise.all(roles.map((role) => role.untilReady()));
    load.holdAt(due + 2 * MARGIN);
    await eventually(async () => load.inFlight > 0, Boolean, 10_000, 1);
    inFlight.push(load.inFlight);
    await kill();
  }
  load.holdAt(Infinity);
  return inFlight;
}

async function watchViews(signal: AbortSignal): Promise<ViewLook[]> {
  const looks: ViewLook[] = [];
  while (!signal.aborted) {
    const found = await pool
      .query<ViewLook>(
        'SELECT view, stream, revision::int AS revision FROM read_model.entities WHERE starts_with(stream, $1)',
        [`account-default.${prefix}`],
      )
      .catch(() => undefined);
    looks.push(...(found?.rows ?? []));
    await pause(500);
  }
  return looks;
}

/** An entity decides in order: once it has rejected this, everything accepted before is decided. */
async function untilAllDecided(): Promise<void> {
  for (const account of accounts) {
    await eventually(
      () => command(api(), account, 'withdraw', { amount: TOO_MUCH }, { prefer: 'wait=20' }),
      ({ status }) => status === 409,
      120_000,
    );
  }
}

/**
 * Waits until everything is quiet: all accepted commands are decided, and topic and views are
 * complete.
 */
async function untilQuiet(): Promise<EventFact[]> {
  await Promise.all(roles.map((role) => role.untilReady()));
  await untilAllDecided();
  let events: EventFact[] = [];
  await eventually(
    async () => {
      const before = events.length;
      events = await eventsIn(process.env['EVENTSTORE_URL'] ?? '', (stream) =>
        stream.startsWith(`account-default.${prefix}`),
      );
      const { rows } = await pool.query<{ shown: number }>(
        `SELECT count(*)::int AS shown FROM read_model.entities
         JOIN (SELECT unnest($1::text[]) AS stream, unnest($2::bigint[]) AS last) s USING (stream)
         WHERE view = ANY ($3) AND revision = last`,
        [
          accounts.map((id) => `account-default.${id}`),
          accounts.map((id) => lastRevision(events, id)),
          VIEWS,
        ],
      );
      return before === events.length && rows[0]?.shown === VIEWS.length * ACCOUNTS;
    },
    Boolean,
    120_000,
    2_000,
  );
  return events;
}

function lastRevision(events: readonly EventFact[], id: string): number {
  return events.findLast(({ stream }) => stream === `account-default.${id}`)?.revision ?? -1;
}

async function recordsOf(): Promise<RecordFact[]> {
  const kafka = openKafka('ten-thousand');
  const records = await readTopic(kafka, TOPIC);
  await kafka.close();
  return records.filter(({ key }) => key.startsWith(`account-default.${prefix}`));
}

/** A sample of commands with their receipts, including those with an unknown outcome. */
async function receipted(commands: readonly CommandFact[]): Promise<CommandFact[]> {
  const known = commands.filter(({ commandId, answer }) => commandId !== '' && answer !== 'rejected');
  // A rejection is remembered as long as the ring holds it. That of the hot account may be gone.
  const sure = known.filter(({ stream, answer }) => answer === 'accepted' || !stream.endsWith(`${prefix}0`));
  const some = sure.map((fact) => ({ fact, place: random() })).sort((a, b) => a.place - b.place);
  const facts: CommandFact[] = [];
  for (const { fact } of some.slice(0, RECEIPTS)) {
    const id = fact.stream.slice(fact.stream.indexOf('.') + 1);
    const reply = await eventually(
      () => request(`${api()}/v1/accounts/${id}/commands/${fact.commandId}`),
      ({ status }) => status === 200 || status === 404,
    );
    facts.push({ ...fact, receipt: reply.status === 200 ? String(reply.body['status']) : undefined });
  }
  return facts;
}

describe(`${SENDS} sends, 30 % repeats and 5 % twins, while every role is killed ${KILLS} times`, () => {
  it('each apply once, each event is once on the topic, and views are the fold of the streams', async () => {
    for (const account of accounts) {
      await insist(api(), account, 'open', 'open', { owner: prefix, currency: 'EUR' }, { prefer: 'wait=20' });
    }
    const plan = planOf(SENDS, accounts, random);
    const load = new Load(api(), plan);
    const watching = new AbortController();
    const begun = Date.now();
    const [, inFlight, looks] = await Promise.all([
      load.run().finally(() => watching.abort()),
      killWhile(load),
      watchViews(watching.signal),
    ]);
    const seconds = (Date.now() - begun) / 1_000;
    const events = await untilQuiet();
    const { states, rows } = accountLedger(events);
    const [records, found, alive] = await Promise.all([
      recordsOf(),
      accountRows(pool, prefix),
      accountsAlive(api(), accounts),
    ]);
    const shown = found.filter(({ table }) => table === 'accounts');
    const balances = shown.map(({ key, row }) => ({ stream: `account-default.${key}`, state: row }));
    const receipts = await receipted(load.commands);
    const of = (kind: string) => plan.filter((send) => send.kind === kind).length;
    console.log({
      seed,
      sends: plan.length,
      recentRepeats: of('recent repeat'),
      oldRepeats: of('old repeat'),
      twins: plan.filter(({ isTwin }) => isTwin).length,
      answers: load.answers,
      taken: load.taken,
      unansweredTries: load.unanswered,
      kills: Object.fromEntries(roles.map(({ role, kills }) => [role, kills])),
      inFlight,
      events: events.length,
      records: records.length,
      rows: rows.length,
      looks: looks.length,
      receipts: receipts.length,
      seconds,
    });
    expect(load.failures).toEqual([]);
    if (SENDS >= 3_000) expect(of('old repeat')).toBeGreaterThan(SENDS / 15);
    // A run in which hardly anything succeeds proves nothing.
    expect(load.answers.ok / load.commands.length).toBeGreaterThan(0.8);
    expect(Math.min(...inFlight)).toBeGreaterThan(0);
    expect({
      money: checkMoney(events, { entities: balancesOf(alive), rows: balancesOf(balances) }),
      acknowledged: checkAcknowledged(
        events,
        load.commands.filter(({ commandId }) => commandId !== ''),
      ),
      receipts: checkAcknowledged(events, receipts, 'asked'),
      once: checkOnce(events, load.commands),
      wishes: unfulfilled(events, load.commands),
      revisions: checkRevisions(events),
      alive: checkLiveStates(alive, states),
      topic: checkTopic(events, records),
      rows: checkRows(found, rows),
      advance: checkViewsOnlyAdvance(looks),
    }).toEqual({
      money: [],
      acknowledged: [],
      receipts: [],
      once: [],
      wishes: [],
      revisions: [],
      alive: [],
      topic: [],
      rows: [],
      advance: [],
    });
  }, 3_600_000);
});

/** What a client wanted must be in the events at most once, whatever ids were used. */
function unfulfilled(events: readonly EventFact[], commands: readonly CommandFact[]): string[] {
  const times = new Map<string, number>();
  for (const { data } of events) {
    const wish = String(data['reference']);
    times.set(wish, (times.get(wish) ?? 0) + 1);
  }
  const accepted = new Set(
    commands.filter(({ answer }) => answer === 'accepted').map(({ intent }) => intent),
  );
  return [...new Set(commands.map(({ intent }) => intent ?? ''))].flatMap((wish) => {
    const count = times.get(wish) ?? 0;
    if (count > 1) return [`${wish} was done ${count} times`];
    return accepted.has(wish) && count === 0 ? [`${wish} was not done`] : [];
  });
}
