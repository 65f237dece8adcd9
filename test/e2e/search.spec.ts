import { expect, it } from '@jest/globals';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import { createPerdureClient } from '#libs/client/client.js';
import { eventually } from '../support/account-rest.js';
import { checkOut, ended, shop, url } from '../support/shop.js';
import { tokenOf } from '../support/tokens.js';

async function clientOf(username: string) {
  return createPerdureClient({ url: url(), token: await tokenOf(username) });
}

it('an order is found in all services by the id of its cart, by those who may', async () => {
  const bought = await shop();
  const { cart } = bought;
  await checkOut(bought);
  await ended(bought);
  const [sam, tom] = [await clientOf('sam'), await clientOf('tom')];
  const search = async (client = sam) =>
    client.search(cart).then(({ data, missing }) => {
      expect(missing).toEqual([]);
      return data.map(({ link }) => link);
    });
  const links = ['cart', 'checkout'].map((category) =>
    expect.stringContaining(`/entities/${category}/${cart}`),
  );
  expect(await eventually(search, ({ length }) => length >= 2)).toEqual(expect.arrayContaining(links));
  expect(await search(tom)).toEqual([]);
});

it.each([
  ['', 'REQUEST.INVALID_QUERY'],
  ['?q=', 'REQUEST.INVALID_QUERY'],
  ['?q=a&b=c', 'REQUEST.INVALID_QUERY'],
])('a search for %j is refused', async (query, code) => {
  const sam = await clientOf('sam');
  await expect(sam.get(`/v1/search${query}`)).rejects.toMatchObject({ code });
  await expect(createPerdureClient({ url: url() }).get('/v1/search?q=a')).rejects.toThrow(PerdureProblem);
});
