import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/core/json.js';
import { playFlow } from '#libs/testing/played-flow.js';
import { digestLowStock, type LowItem, lowStockDigestCalls } from './low-stock-digest.flow.js';

const disc: LowItem = { sku: 'cd-a-7', available: 2, reorderPoint: 5, awaited: 0 };
const tape: LowItem = { sku: 'mc-1', available: 0, reorderPoint: 3, awaited: 4 };

async function play(items: readonly LowItem[], hasMore = false) {
  const mails: JsonObject[] = [];
  const played = await playFlow(
    { main: digestLowStock, policies: lowStockDigestCalls, input: { to: 'stock@example.com' } },
    {
      calls: {
        'low-stock': () => ({ items, hasMore }) as unknown as JsonObject,
        'send-mail': (mail) => (mails.push(mail), {}),
      },
    },
  );
  return { end: played.end, mails };
}

describe('the digest of low stock', () => {
  it('lists what is low, and who waits for it', async () => {
    const text = 'cd-a-7: 2 available, to be ordered at 5\nmc-1: 0 available, to be ordered at 3, 4 awaited';
    expect(await play([disc, tape])).toEqual({
      end: { status: 'completed', result: { status: 'sent', items: 2 } },
      mails: [{ to: 'stock@example.com', subject: 'Low stock: 2 items', text }],
    });
  });

  it('mails nobody if nothing is low', async () => {
    const end = { status: 'completed', result: { status: 'nothing-low', items: 0 } };
    expect(await play([])).toEqual({ end, mails: [] });
  });

  it('says that there are more than it lists', async () => {
    const { mails } = await play([disc], true);
    expect(mails).toMatchObject([{ subject: 'Low stock: 1 or more items' }]);
    expect(mails[0]?.['text']).toContain('/v1/inventory?level=low');
  });

  it('does not count one item as several', async () => {
    expect((await play([disc])).mails).toMatchObject([{ subject: 'Low stock: 1 item' }]);
  });
});
