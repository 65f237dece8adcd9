import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver } from './account-driver.js';
import { accountServer } from './account-server.js';

const LAST = 1_800;

/**
 * Too slow for an attempt within a workflow task, and fails once before the next attempt is done.
 */
class SlowStore extends MemoryEventStore {
  /** The first revision of each read of an account. */
  readonly begun: number[] = [];
  failsAt = -1;

  override async *read(...[stream, options]: Parameters<MemoryEventStore['read']>) {
    if (stream.startsWith('account-')) this.begun.push(options?.from ?? 0);
    const isDurable = this.begun.length > 1;
    for await (const event of super.read(stream, options)) {
      if (isDurable && event.revision === this.failsAt) {
        this.failsAt = -1;
        throw new Error('the connection is gone');
      }
      if (event.revision % 2 === 0) await pause(2);
      yield event;
    }
  }
}

const store = new SlowStore();
const server = accountServer({ store });
beforeAll(() => server.open());
afterAll(() => server.close());

it('a fold that takes longer than an attempt resumes where the previous one ended', async () => {
  const account = await AccountDriver.with(
    server,
    opened,
    ...Array.from({ length: LAST }, () => deposited(1)),
  );
  const fold = { ...(await account.folded()), stateVersion: 0 };
  store.begun.length = 0;
  store.failsAt = 1_600;
  await account.start({ carried: { fold, ring: { entries: [] }, inbox: [] } });
  await account.insist(account.deposit('after'));
  const [local, durable, resumed = 0] = store.begun;
  expect([local, durable]).toEqual([0, 0]);
  expect(resumed).toBeGreaterThan(200);
  expect(await account.state()).toEqual(await account.folded());
});
