import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { accountContract } from '#contracts/account/account.contract.js';
import { streamName } from '#libs/core/entity-id.js';
import { maskFor } from '#libs/api/entities/personal-mask.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { fieldsOf } from '../support/marked-fields.js';
import { accessApp } from './access-app.js';
import { credentialOf, GivenCaller, services } from './cases.js';

const entities = services.flatMap((service) => service.entities);
/** What was written about a person. */
const SAID = 'returned by Ms Jones';
const store = new MemoryEventStore();

let app: NestFastifyApplication;

beforeAll(async () => {
  const stream = streamName('inventory', 'cd', 'default');
  const events = [
    { type: 'StockReceived', data: { quantity: 5, reference: SAID } },
    {
      type: 'AdjustmentRequested',
      data: { by: -1, reason: SAID, approvalId: 'a-1', contentHash: '0'.repeat(64), deadline: moment() },
    },
  ];
  await store.append(stream, -1, historyOf(stream, events));
  const [inventory] = services.filter(({ name }) => name === 'inventory');
  if (inventory) app = await accessApp(inventory, store, new GivenCaller());
});
afterAll(() => app.close());

async function read(path: string, roles: readonly string[], body?: object): Promise<string> {
  const caller = { tenant: 'default', id: 'x', kind: 'user', roles } as const;
  const { statusCode, payload } = await app.inject({
    method: body ? 'POST' : 'GET',
    url: `/v1/${path}`,
    headers: { authorization: credentialOf(caller) },
    ...(body && { payload: body }),
  });
  expect([path, statusCode]).toEqual([path, 200]);
  return payload;
}

describe('what was written about a person', () => {
  it.each(['inventory/cd/events', 'timeline/inventory/cd'])(
    'is in %s for those whom the contract names, and for nobody else',
    async (path) => {
      for (const role of ['warehouse', 'supervisor', 'support'])
        expect(await read(path, [role])).toContain(SAID);
      for (const roles of [[], ['storefront'], ['payments'], ['operator'], ['security']]) {
        expect(await read(path, roles)).not.toContain('Jones');
      }
    },
  );

  it.each(['inventory/cd', 'inventory/cd?revision=1', 'inventory/cd/diff?from=0&to=1', 'inventory/cd/why'])(
    'is hidden in the state of %s',
    async (path) => {
      expect(await read(path, ['warehouse'])).toContain(SAID);
      expect(await read(path, [])).not.toContain('Jones');
    },
  );

  it('leaves the rest as it is', async () => {
    const { data } = JSON.parse(await read('inventory/cd/events', [])) as { data: readonly object[] };
    expect(data[0]).toMatchObject({ type: 'StockReceived', data: { quantity: 5, reference: '•••' } });
    expect(JSON.parse(await read('inventory/cd', []))).toMatchObject({
      ...{ id: 'cd', onHand: 5, requests: [{ by: -1, reason: '•••', approvalId: 'a-1' }] },
    });
  });
});

it('a contract without a policy for personal fields shows them to all who may read', () => {
  expect(maskFor(accountContract, {} as never)).toBeUndefined();
});

describe('what everybody may read', () => {
  const ofAll = entities.filter(({ contract }) => contract.access.read.includes('anyone'));

  it.each(ofAll.map(({ contract }) => [contract.name, contract] as const))(
    '%s says who sees its personal fields, if it has any',
    (_, { access, view, events }) => {
      const fields = [view, ...Object.values(events).map(({ schema }) => schema)].flatMap((one) =>
        fieldsOf(one, ''),
      );
      if (fields.some(({ mark }) => mark === true)) expect(access.personal).toBeDefined();
    },
  );

  it('has lists without personal fields', () => {
    const lists = entities.flatMap(({ reads }) => reads).filter(({ allow }) => allow.includes('anyone'));
    const told = lists.flatMap(({ path, item }) => fieldsOf(item, path).filter(({ mark }) => mark === true));
    expect(lists.length).toBeGreaterThan(0);
    expect(told.map(({ path }) => path)).toEqual([]);
  });
});
