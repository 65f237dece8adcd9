import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { currentProgress, whileAlive } from './while-alive.js';

/** How often an activity that takes its time is heard of, and what it comes to. */
async function heardOf(
  info: { isLocal?: boolean; heartbeatTimeoutMs?: number },
  work: () => Promise<string>,
) {
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  const result = await environment.run(() => whileAlive(work)).catch(String);
  const during = beats;
  await pause(50);
  return { result, during, after: beats - during };
}

async function slowly(): Promise<string> {
  await pause(100);
  return 'done';
}

describe('an activity', () => {
  it('is heard of for as long as it works', async () => {
    const heard = await heardOf({ heartbeatTimeoutMs: 40 }, slowly);
    expect(heard).toMatchObject({ result: 'done', after: 0 });
    expect(heard.during).toBeGreaterThan(1);
  });

  it('is heard of no more once it has failed', async () => {
    const fail = async () => Promise.reject(new Error(await slowly()));
    expect(await heardOf({ heartbeatTimeoutMs: 40 }, fail)).toMatchObject({
      result: 'Error: done',
      after: 0,
    });
  });

  it('notes how far it has come, unless that is too large for a heartbeat', async () => {
    const environment = new MockActivityEnvironment(
      { heartbeatTimeoutMs: 40 },
      { logger: new DefaultLogger('ERROR') },
    );
    const noted = new Set<unknown>();
    environment.on('heartbeat', (details: unknown) => noted.add(details));
    const [small, large] = [{ at: 1 }, { at: 2, text: 'x'.repeat(2_000_000) }];
    await environment.run(() =>
      whileAlive(async () => {
        currentProgress().note(small);
        currentProgress().note(large);
        await pause(50);
      }),
    );
    expect([...noted]).toEqual([small]);
  });

  it.each([{ isLocal: true, heartbeatTimeoutMs: 40 }, {}])(
    'is not heard of where nobody listens: %p',
    async (info) => {
      expect(await heardOf(info, slowly)).toEqual({ result: 'done', during: 0, after: 0 });
    },
  );
});
