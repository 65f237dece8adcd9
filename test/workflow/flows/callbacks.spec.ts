import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallbackOutcome } from '#libs/core/flow/flow.messages.js';
import type { JsonObject } from '#libs/core/json.js';
import { CallbackReports } from '#libs/flow/callbacks/callback-reports.js';
import { CallbackTokens } from '#libs/flow/callbacks/callback-tokens.js';
import { CallbackProgress } from '#libs/flow/callbacks/callback-progress.js';
import { quietHistory } from '#libs/testing/quiet-workflow.js';
import { answered, OTHER, OVER } from '../reported-callbacks.js';
import { ProbeHome } from './probe-home.js';
import { eventually, ProbeDriver } from './probe-server.js';

const ADDRESS = 'https://perdure.example/v1/callback-addresses?token=';
const tokens = new CallbackTokens(['one-secret-'.repeat(3)]);
const home = new ProbeHome();
let reports: CallbackReports;
beforeAll(async () => {
  home.callbackUrl = (of) => `${ADDRESS}${tokens.sign(of)}`;
  home.answer = ({ url }) => ({ echo: url ?? null });
  await home.open();
  await home.startWorkers();
  reports = new CallbackReports({ tokens, gateway: home.gateway, client: home.client });
});
afterAll(() => home.close());
beforeEach(() => {
  home.asked.length = 0;
});

/** A flow that has handed out its address, and the token in it. */
async function handedOut(input: JsonObject = {}): Promise<{ probe: ProbeDriver; token: string }> {
  const probe = new ProbeDriver(home);
  await probe.start('callback', input);
  await probe.until(({ waits }) => waits.some(({ kind }) => kind === 'callback'));
  await eventually(() => home.asked.length > 0);
  const url = home.asked[0]?.data['url'];
  return { probe, token: typeof url === 'string' ? url.slice(ADDRESS.length) : '' };
}

const completed: CallbackOutcome = { status: 'completed', result: { signedBy: 'Ann' } };
const NO_WORKER = '503 ENGINE.UNAVAILABLE';
const failed: CallbackOutcome = { status: 'failed', code: 'PARCEL.LOST', detail: 'fell into the sea' };
const end = (token: string, outcome: CallbackOutcome = completed) =>
  answered(reports.end(token, outcome, {}));
const progress = (token: string, done = 1) => answered(reports.progress(token, { done }));

describe('a callback address', () => {
  it('is completed, once: the same again gets the first outcome, and another end is refused', async () => {
    const { probe, token } = await handedOut();
    expect(await end(token)).toBe('accepted');
    expect(await probe.ended()).toMatchObject({ result: { result: { signedBy: 'Ann' } } });
    expect(await end(token)).toBe('accepted');
    expect(await end(token, failed)).toBe(OTHER);
    expect(await end(token, { status: 'completed', result: {} })).toBe(OTHER);
    expect(await progress(token)).toBe(OVER);
    expect(probe.events.filter((type) => type === 'CallbackEnded')).toHaveLength(1);
  });

  it('takes one of two ends that are reported at the same time', async () => {
    const { probe, token } = await handedOut();
    const answers = await Promise.all([end(token), end(token, failed)]);
    expect(answers.toSorted()).toEqual([OTHER, 'accepted']);
    const { result } = await probe.ended();
    expect(result).toEqual(
      answers[0] === 'accepted' ? { result: { signedBy: 'Ann' } } : { caught: 'PARCEL.LOST' },
    );
  });

  it('fails with the reason that is reported', async () => {
    const { probe, token } = await handedOut();
    expect(await end(token, failed)).toBe('accepted');
    expect(await probe.ended()).toMatchObject({ result: { caught: 'PARCEL.LOST' } });
  });

  it('shows its progress, of which no event and no history tells', async () => {
    const { probe, token } = await handedOut({ heartbeat: '10m' });
    const handle = home.client.workflow.getHandle(probe.stream);
    const before = await quietHistory(handle);
    for (let done = 1; done <= 5; done += 1) expect(await progress(token, done)).toBe('accepted');
    const live = new CallbackProgress(home.client);
    const state = (await home.gateway.state(probe.stream))?.state ?? {};
    const place = `${probe.stream}/delivered`;
    expect(await live.of(probe.stream, state)).toEqual({
      callbacks: [{ place, name: 'delivered', progress: { done: 5 } }],
    });
    expect((await quietHistory(handle))?.events).toHaveLength(before?.events?.length ?? 0);
    expect(await end(token)).toBe('accepted');
    await probe.ended();
  });

  it('that falls silent is over, and the flow can catch it', async () => {
    const { probe, token } = await handedOut({ heartbeat: '2s' });
    expect(await progress(token)).toBe('accepted');
    expect(await probe.ended()).toMatchObject({ result: { caught: 'FLOW.CALLBACK_SILENT' } });
    expect([await progress(token), await end(token)]).toEqual([OVER, OVER]);
  });

  it('without an end in time is over', async () => {
    const { probe, token } = await handedOut({ timeout: '2s' });
    expect(await progress(token)).toBe('accepted');
    expect(await probe.ended()).toMatchObject({ result: { caught: 'FLOW.CALLBACK_LATE' } });
    expect([await progress(token), await end(token)]).toEqual([OVER, OVER]);
  });

  it('is over once the flow is cancelled: the next report of progress tells so', async () => {
    const { probe, token } = await handedOut({ heartbeat: '10m' });
    expect(await progress(token)).toBe('accepted');
    await probe.send('Cancel', { reason: 'not wanted any more' });
    expect((await probe.ended()).status).toBe('cancelled');
    expect([await progress(token), await end(token)]).toEqual([OVER, OVER]);
  });

  it('takes progress and an end while no worker runs, and the flow continues with the next one', async () => {
    const { probe, token } = await handedOut({ heartbeat: '10m' });
    await home.stopWorkers();
    expect(await progress(token)).toBe('accepted');
    const reported = answered(reports.end(token, completed, {}));
    await home.startWorkers();
    // One that has waited for too long is told to try again.
    expect(['accepted', NO_WORKER]).toContain(await reported);
    await eventually(async () => (await end(token)) === 'accepted');
    expect(await probe.ended()).toMatchObject({ result: { result: { signedBy: 'Ann' } } });
  });

  it('has a token that nobody can make or change, and that stands in no history and no event', async () => {
    const { probe, token } = await handedOut();
    const [payload = '', signature = ''] = token.split('.');
    const other = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('delivered', 'x'));
    for (const forged of ['', 'x', payload, `${payload}.`, `${other.toString('base64url')}.${signature}`]) {
      expect(await end(forged)).toBe('404 CALLBACK_ADDRESS.UNKNOWN');
    }
    await end(token);
    await probe.ended();
    const history = await quietHistory(home.client.workflow.getHandle(probe.stream));
    const texts = JSON.stringify(history).replace(/"data":"([^"]+)"/g, (_, data: string) => {
      return Buffer.from(data, 'base64').toString();
    });
    const stored = texts + JSON.stringify(home.store.eventsOf(probe.stream));
    expect(stored).toContain('callback-address:');
    expect(stored).not.toContain(payload);
  });
});
