import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { MINUTE } from '#libs/testing/moments.js';
import { ProbeDriver, probeServer } from './probe-server.js';

const MINUTE_MS = MINUTE * 1_000;

let asked: { readonly data: JsonObject; readonly key: string }[] = [];
const call = async (data: JsonObject, key: string) => {
  asked.push({ data, key });
  return {};
};
const server = probeServer({ calls: { act: call, thrice: call, picky: call, undo: call } });
beforeAll(() => server.open());
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
});

/** A flow that waits, and is then lost and restarted. `meanwhile` happens in between. */
async function restarted(
  script: string,
  input: JsonObject,
  before: (probe: ProbeDriver) => Promise<unknown> = async () => undefined,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<ProbeDriver> {
  const probe = new ProbeDriver(server);
  await probe.start(script, input);
  await probe.until(({ waits }) => waits.length > 0);
  await before(probe);
  await server.client.workflow.getHandle(probe.stream).terminate();
  await meanwhile();
  expect(await probe.send('Restart')).toMatchObject({ status: 'accepted' });
  return probe;
}

describe('a flow that was lost and is restarted', () => {
  it('wakes at the time that was recorded', async () => {
    let until = '';
    const recorded = async (probe: ProbeDriver) => {
      const { waits } = await probe.until((state) => state.waits.length > 0);
      until = waits[0]?.until ?? '';
    };
    const probe = await restarted('sleep', { time: '1h' }, recorded, () => server.skip(40 * MINUTE_MS));
    await server.skip(21 * MINUTE_MS);
    const { result } = await probe.ended();
    const late = Date.parse((result as { after: string }).after) - Date.parse(until);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(2 * MINUTE_MS);
  });

  it('receives its messages again, in order, and repeats its calls under their keys', async () => {
    const probe = await restarted('busy', {}, async (busy) => {
      for (const text of ['1', '2', '3']) await busy.send('Note', { text });
    });
    await probe.send('Note', { text: 'stop' });
    expect((await probe.ended()).result).toEqual({ sum: 6, rounds: 3 });
    expect(new Set(asked.map(({ key }) => key)).size).toBe(40);
  });
});
