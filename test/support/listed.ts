import { eventually, read, request, type Reply } from './account-rest.js';

type Item = Record<string, unknown>;

/** Whether a list shows everything that its token requires. */
export function isFresh({ status, headers }: Reply): boolean {
  return status === 200 && headers.get('stale-by') === null;
}

/**
 * All items of a list, once it shows what a command has written, according to the reply to that
 * command.
 */
export async function listed(url: string, { headers }: Reply): Promise<Item[]> {
  const token = { 'consistency-token': String(headers.get('consistency-token')) };
  await eventually(() => request(url, { headers: token }), isFresh);
  return allPages(url);
}

/** The items of a list, read page by page. */
export async function allPages(url: string): Promise<Item[]> {
  const items: Item[] = [];
  for (const address = new URL(url); ;) {
    const { body } = await read(address.href);
    items.push(...(body['data'] as Item[]));
    if (typeof body['nextCursor'] !== 'string') return items;
    address.searchParams.set('cursor', body['nextCursor']);
  }
}
