import { describe, expect, it } from '@jest/globals';
import { accountContract } from '#contracts/account/account.contract.js';
import { inventoryContract } from '#contracts/inventory/inventory.contract.js';
import { Account } from '#contracts/account/account.kind.js';
import { Cart } from '#contracts/cart/cart.kind.js';
import { Item } from '#contracts/inventory/inventory.kind.js';
import { flowContract } from '#contracts/flow/flow.contract.js';
import { flowKind } from '#libs/core/flow/flow.js';
import { z } from 'zod';
import { entityByRest, flowByRest } from './entity-by-rest.js';

const entity = entityByRest([accountContract, inventoryContract], (path, body) => ({ path, body }));

describe('a command sent to an entity by REST', () => {
  it('goes to the route of its contract', () => {
    const hold = { holdId: 'h-1', amount: 5 };
    expect(entity(Account, 'alice').send({ type: 'PlaceHold', data: hold })).toEqual({
      path: '/v1/accounts/alice/place-hold',
      body: hold,
    });
  });

  it('keeps the id of the entity in one part of the path', () => {
    const { path } = entity(Item, 'cd/1').send({ type: 'Receive', data: { quantity: 1 } });
    expect(path).toBe('/v1/inventory/cd%2F1/receive');
  });

  it('is refused where the routes of the entity are not known', () => {
    expect(() => entity(Cart, 'c-1').send({ type: 'Abandon', data: {} })).toThrow('cart');
  });
});

it('a flow has the routes of its contract', () => {
  const nothing = z.strictObject({});
  const errandContract = flowContract({
    name: 'errand',
    path: 'flows/errand',
    summary: 'An errand',
    access: { start: ['anyone'], cancel: ['anyone'], read: ['anyone'], feed: ['anyone'] },
    input: nothing,
    messages: { ComeHome: { schema: nothing, summary: 'Stop looking', allow: ['anyone'] } },
    result: nothing,
  });
  interface ErrandTypes {
    readonly input: Record<string, never>;
    readonly messages: { readonly ComeHome: Record<string, never> };
    readonly progress: unknown;
    readonly result: object;
  }
  const flow = flowByRest([errandContract], (path) => path);
  const errand = flow(flowKind<ErrandTypes>('errand'), 'bread');
  const paths = [errand.start({}), errand.send('ComeHome', {}), errand.cancel('rain')];
  expect(paths).toEqual(['start', 'come-home', 'cancel'].map((route) => `/v1/flows/errand/bread/${route}`));
});
