import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { accountContract } from '#contracts/account/account.contract.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { connectTemporal } from '#libs/runtime/temporal-client.js';
import { inMemory } from '#libs/testing/memory.stage.js';
import type { ViewLook } from '../checkers/facts.js';
import { openKafka } from '../integration/read-path-kit.js';
import { cellsChosen } from '../support/depth.js';
import { printedSeed } from '../support/seeded-random.js';
import { ChaosStack } from './chaos-stack.js';
import { violationsIn } from './crash-check.js';
import { CrashClient } from './crash-client.js';
import { type Engines, lookAtAll, watchViews } from './crash-look.js';
import { CrashProcess } from './crash-process.js';
import { ReaderWaves } from './crash-readers.js';
import { type Meeting, WorkerWaves } from './crash-waves.js';
import { deciders } from './hosted.js';
import { type Scenario, scenarios, scenariosOf, withoutScenario } from './scenarios.js';
import { patientStore } from '../support/patient-store.js';

const WORKER_STEPS = ['received', 'decided', 'appended', 'settled', 'continued'] as const;
const READER_STEPS = ['relayed', 'projected'] as const;
const STEPS = [...WORKER_STEPS, ...READER_STEPS];
const FAULTS = ['crash', 'delay', 'duplicate'] as const;

const seed = printedSeed();
/**
 * Of steps and faults, and of scenarios at such a cell. A step that meets a crash is also done
 * twice, because the wave of crashes starts the readers that the duplicates need.
 */
const isMet = cellsChosen('steps and faults', 2);
const isTold = cellsChosen('scenarios at a step', 5);
const watching = new AbortController();

let stack: ChaosStack;
let engines: Engines;
let client: CrashClient;
let workers: WorkerWaves;
let readers: ReaderWaves;
let watched: Promise<ViewLook[]>;

beforeAll(async () => {
  stack = await ChaosStack.start();
  const store = patientStore();
  const temporal = connectTemporal({
    address: String(process.env['TEMPORAL_ADDRESS']),
    namespace: 'default',
  });
  const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 4 });
  const gateway = createEntityGateway({ client: temporal, store, deciders });
  engines = { store, temporal, pool, gateway, kafka: openKafka('crash-points') };
  client = new CrashClient({ client: temporal, store, gateway });
  workers = new WorkerWaves(`run-${seed}`, client);
  readers = new ReaderWaves(`run-${seed}`, { ...engines, client });
  watched = watchViews(pool, watching.signal);
}, 300_000);

afterAll(async () => {
  watching.abort();
  CrashProcess.killAll();
  const { temporal, store, kafka, pool } = engines;
  await Promise.all([temporal.connection.close(), store.close(), kafka.close()]);
  await pool.end();
  await stack.stop();
}, 120_000);

/** The scenarios of this run that meet a fault at a step. */
function chosen(step: (typeof STEPS)[number], fault: (typeof FAULTS)[number]): Scenario[] {
  // Both readers meet the same faults: a projector needs a relay that has begun.
  const [row, column] = [Math.min(STEPS.indexOf(step), WORKER_STEPS.length), FAULTS.indexOf(fault)];
  if (!isMet(row, fault === 'delay' ? 1 : 0)) return [];
  return scenarios.filter((_, index) => isTold(index, row * FAULTS.length + column));
}

function meetings(step: (typeof WORKER_STEPS)[number], fault: (typeof FAULTS)[number]): Meeting[] {
  return chosen(step, fault).map((scenario) => ({ scenario, step, fault }));
}

/** All commands to the write side and the read side, concurrently. */
async function meetAll(fault: 'crash' | 'delay', waves: readonly (readonly Meeting[])[]): Promise<void> {
  const writing = async (): Promise<void> => {
    for (const wave of waves) await workers.all(wave);
  };
  const reading = async (): Promise<void> => {
    await readers.wave('relay', fault, chosen('relayed', fault));
    await readers.wave('projector', fault, chosen('projected', fault));
  };
  await Promise.all([timed(`${fault}, writing`, writing), timed(`${fault}, reading`, reading)]);
}

async function beDoneTwice(): Promise<void> {
  for (const step of WORKER_STEPS) await workers.twice(meetings(step, 'duplicate'));
  for (const step of READER_STEPS) await readers.twice(step, chosen(step, 'duplicate'));
}

const seconds: Record<string, number> = {};

async function timed<T>(what: string, act: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  const done = await act();
  seconds[what] = Math.round((Date.now() - begun) / 1_000);
  return done;
}

describe(`${scenarios.length} commands at each boundary on their way`, () => {
  it('all change something', async () => {
    for (const { category, given, command } of scenarios) {
      const { events } = await inMemory(deciders[category] as never).perform(given, command);
      expect({ category, type: command.type, changes: events.length > 0 }).toMatchObject({ changes: true });
    }
  });

  it('leave out a command that has no scenario, and name it', () => {
    const { Close, Freeze: AddNote } = accountContract.commands;
    const contract = { ...accountContract, commands: { Close, AddNote } };
    const found = scenariosOf(contract, { Close: [[], {}] });
    expect(found.scenarios.map(({ command }) => command.type)).toEqual(['Close']);
    expect(found.missing).toEqual(['account AddNote']);
  });

  it('meet a crash, a delay and a duplicate, and come out as if nothing had happened', async () => {
    const everywhere = (fault: (typeof FAULTS)[number]) => WORKER_STEPS.map((step) => meetings(step, fault));
    await meetAll('crash', everywhere('crash'));
    await meetAll('delay', everywhere('delay'));
    await timed('duplicate', beDoneTwice);
    const cases = [...workers.cases, ...readers.cases];
    await timed('coming to rest', () => readers.untilProjected(cases));
    watching.abort();
    const facts = await timed('looking', () => lookAtAll(engines, cases));
    const { events, records, found } = facts;
    const counts = { events: events.length, records: records.length, rows: found.length };
    const untested = withoutScenario.length > 0 && { withoutScenario };
    console.log({ seed, cases: cases.length, ...counts, seconds, ...untested });
    const violations = await violationsIn({ ...facts, outcomes: client.receipts, looks: await watched });
    expect([...client.contradictions, ...violations]).toEqual([]);
  }, 1_800_000);
});
