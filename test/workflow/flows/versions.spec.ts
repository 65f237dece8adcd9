import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { bundled } from './bundled-build.js';
import { ProbeHome } from './probe-home.js';
import { eventually, ProbeDriver } from './probe-server.js';

const NON_DETERMINISTIC =
  temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR;

const home = new ProbeHome(['probe', 'successor']);
/** Flows that were started on the first build and are open when the second one replaces it. */
const old = {} as Record<'mended' | 'looped' | 'replaced' | 'extended' | 'careless', ProbeDriver>;
let first: WorkflowBundleWithSourceMap;
let second: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  [first, second] = await Promise.all([bundled('first'), bundled('second'), home.open()]);
  await home.startWorkers(first);
  for (const script of ['mended', 'looped', 'replaced', 'extended', 'careless'] as const) {
    old[script] = await waiting(script);
  }
  // A second round on the first build.
  await old.looped.send('Note', { text: 'again' });
  await eventually(() => stepsOf(old.looped).length === 2);
  await home.stopWorkers();
  await home.startWorkers(second);
});
afterAll(() => home.close());

/** A flow that has charged and waits for a message. */
async function waiting(script: string, category = 'probe'): Promise<ProbeDriver> {
  const probe = new ProbeDriver(home, randomUUID(), category);
  expect(await probe.start(script)).toMatchObject({ status: 'accepted' });
  await probe.until(({ waits }) => waits.some(({ name }) => name === 'Note'));
  return probe;
}

async function end(probe: ProbeDriver) {
  await probe.send('Note', { text: 'continue' });
  return probe.ended();
}

/** What a flow has asked of the outside world. */
const stepsOf = ({ id }: ProbeDriver) =>
  home.asked.filter(({ data }) => data['flow'] === id).map(({ data }) => data['step']);

/** What comes of replaying a flow that is open with the code of a build. */
async function replayed(probe: ProbeDriver, { code }: WorkflowBundleWithSourceMap): Promise<string> {
  const history = await home.client.workflow.getHandle(probe.stream).fetchHistory();
  const histories = [{ workflowId: probe.stream, history }];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { code } }, histories)) {
    return error?.message ?? 'as recorded';
  }
  return 'nothing was replayed';
}

describe('while flows are open, a new build', () => {
  it('with f.version keeps them to the old way, and new ones go the new way', async () => {
    expect(await replayed(old.mended, second)).toBe('as recorded');
    const fresh = await waiting('mended');
    expect(stepsOf(fresh)).toEqual(['risk', 'charge']);
    expect((await end(old.mended)).result).toEqual({ build: 2 });
    expect(stepsOf(old.mended)).toEqual(['charge']);
  });

  it('with f.version in a loop keeps them to the old way until the next round', async () => {
    const { looped } = old;
    await looped.send('Note', { text: 'again' });
    await eventually(() => stepsOf(looped).length === 4);
    expect(stepsOf(looped)).toEqual(['charge', 'charge', 'risk', 'charge']);
    expect(await replayed(looped, second)).toBe('as recorded');
    await looped.send('Note', { text: 'stop' });
    expect((await looped.ended()).result).toEqual({ build: 2 });
  });

  it('with a new type takes new starts, and the old ones finish', async () => {
    const fresh = await waiting('replaced', 'successor');
    expect((await end(old.replaced)).result).toEqual({ build: 1 });
    expect((await end(fresh)).result).toEqual({ build: 2 });
    expect([old.replaced, fresh].map(stepsOf)).toEqual([['charge'], ['charge']]);
  });

  it('that changes what lies ahead of them replays, and they take the new steps', async () => {
    expect(await replayed(old.extended, second)).toBe('as recorded');
    expect((await end(old.extended)).result).toEqual({ build: 2 });
    expect(stepsOf(old.extended)).toEqual(['charge', 'receipt']);
  });

  it('that changes what lies behind them blocks them, until the old build is back', async () => {
    const { careless } = old;
    expect(await replayed(careless, second)).toMatch(/TMPRL1100/);
    const at = await home.moment();
    const note = envelopeOf({ type: 'Note', data: { text: 'continue' }, at }, randomUUID());
    await home.gateway.send(careless.stream, [note]);
    expect(await home.failedTask(careless.stream)).toEqual({
      cause: NON_DETERMINISTIC,
      message: expect.stringContaining('TMPRL1100'),
    });
    await home.stopWorkers();
    await home.startWorkers(first);
    // What came in the meantime is not lost, and nothing was done twice.
    expect(await careless.ended()).toMatchObject({ status: 'completed', received: 1, result: { build: 1 } });
    expect(stepsOf(careless)).toEqual(['charge']);
  });
});
