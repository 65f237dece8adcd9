import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { heartbeats } from './heartbeat.interceptor.js';
import { currentProgress } from './progress.js';

const options = { interceptors: [heartbeats], logger: new DefaultLogger('ERROR') };

/**
 * The heartbeats of an activity afterwards, and its result. It is given the second heartbeat to
 * wait for.
 */
async function heartbeatsAfter(
  info: { isLocal?: boolean; heartbeatTimeoutMs?: number },
  work: (second: Promise<void>) => Promise<string>,
) {
  const environment = new MockActivityEnvironment(info, options);
  let beats = 0;
  const second = new Promise<void>((resolve) => {
    environment.on('heartbeat', () => {
      beats += 1;
      if (beats === 2) resolve();
    });
  });
  const result = await environment.run(() => work(second)).catch(String);
  const during = beats;
  await pause(50);
  return { result, after: beats - during };
}

describe('an activity', () => {
  it('sends heartbeats while it runs, and none afterwards', async () => {
    const work = async (second: Promise<void>) => second.then(() => 'done');
    const seen = await heartbeatsAfter({ heartbeatTimeoutMs: 40 }, work);
    expect(seen).toEqual({ result: 'done', after: 0 });
  });

  it('sends none once it has failed', async () => {
    const fail = async (second: Promise<void>) => second.then(() => Promise.reject(new Error('failed')));
    const seen = await heartbeatsAfter({ heartbeatTimeoutMs: 40 }, fail);
    expect(seen).toEqual({ result: 'Error: failed', after: 0 });
  });

  it('sends its progress, unless that is too large for a heartbeat', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 40 }, options);
    const noted = new Set<unknown>();
    environment.on('heartbeat', (details: unknown) => noted.add(details));
    const [small, large] = [{ at: 1 }, { at: 2, text: 'x'.repeat(2_000_000) }];
    await environment.run(async () => {
      currentProgress().note(small);
      currentProgress().note(large);
      await pause(50);
    });
    expect([...noted]).toEqual([small]);
  });

  it.each([{ isLocal: true, heartbeatTimeoutMs: 40 }, {}])(
    'sends none if Temporal expects none: %p',
    async (info) => {
      const environment = new MockActivityEnvironment(info, options);
      let beats = 0;
      environment.on('heartbeat', () => (beats += 1));
      await environment.run(async () => pause(50));
      expect(beats).toBe(0);
    },
  );
});
