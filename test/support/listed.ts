import { eventually, request, type Reply } from './account-rest.js';

type Item = Record<string, unknown>;

/** The items of a list, once it shows what a command has written: the reply to that command says what that is. */
export async function listed(url: string, { headers }: Reply): Promise<Item[]> {
  const token = { 'consistency-token': String(headers.get('consistency-token')) };
  const page = await eventually(
    () => request(url, { headers: token }),
    (reply) => reply.headers.get('stale-by') === null,
  );
  if (page.status !== 200) throw new Error(`${url} was answered ${page.status}`);
  return page.body['data'] as Item[];
}

/** The items of a list, read page by page. `url` has a query. */
export async function allPages(url: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let address = url; ;) {
    const { body } = await request(address);
    items.push(...(body['data'] as Item[]));
    if (typeof body['nextCursor'] !== 'string') return items;
    address = `${url}&cursor=${body['nextCursor']}`;
  }
}
