import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InventoryEvent } from '#contracts/inventory/inventory.contract.js';
import { onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import { streamName } from '#libs/core/entity-id.js';
import { envelopeOf, type TestCommand } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { HOUR, MINUTE } from '#libs/testing/moments.js';
import { TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { inventoryDecider } from '../../apps/inventory/src/domain/inventory.decider.js';
import { queued, received, reserved } from '../../apps/inventory/src/domain/inventory.fixture.js';
import { until } from './account-driver.js';

const workflowBundle = resolve('dist/apps/inventory/workflows.bundle.js');
const server = new TimeSkippingServer({ deciders: [inventoryDecider], workflowBundle });
beforeAll(() => server.open());
afterAll(() => server.close());

/** An item with a history as of now, which it finds in its stream. */
async function itemWith(...events: readonly InventoryEvent[]): Promise<string> {
  const stream = streamName('inventory', randomUUID());
  await server.store.append(stream, -1, historyOf(stream, events, await server.moment()));
  return stream;
}

async function tell(stream: string, command: Omit<TestCommand, 'at'>): Promise<void> {
  const at = await server.moment();
  const outcome = onlyReceipt(
    await server.gateway.execute(stream, [envelopeOf({ ...command, at }, randomUUID())], 20_000),
  );
  expect(outcome.status).toBe('accepted');
}

/** The reservations that were served after a wait. */
function servedOf(stream: string): unknown[] {
  return server.store
    .eventsOf(stream)
    .flatMap(({ type, data }) =>
      type === 'StockReserved' && data['servedAt'] !== undefined ? data['reservationId'] : [],
    );
}

describe('a line for an item', () => {
  it('is served to its end in its order, however long it is, without a further command', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => `w-${index}`);
    const tomorrow = await server.moment(24 * HOUR * 1_000);
    const stream = await itemWith(
      received(1),
      reserved('r-1', 1),
      ...ids.map((id) => queued(id, 1, tomorrow)),
    );
    await tell(stream, { type: 'Receive', data: { quantity: 450 } });
    const served = await until(
      async () => servedOf(stream),
      ({ length }) => length >= 450,
    );
    expect(served).toEqual(ids.slice(0, 450));
  });

  it('is served by what expires, and ends by itself for those it cannot serve', async () => {
    const inMinutes = (minutes: number) => server.moment(minutes * MINUTE * 1_000);
    const stream = await itemWith(
      received(2),
      reserved('r-1', 2, { expiresAt: await inMinutes(60) }),
      queued('w-1', 1, await inMinutes(120), { ttlSeconds: 2 * HOUR }),
      queued('w-2', 2, await inMinutes(90)),
    );
    await tell(stream, { type: 'SetReorderPoint', data: { reorderPoint: 0 } });
    await server.skip(HOUR * 2 * 1_000);
    const types = await until(
      async () => server.store.eventsOf(stream).map(({ type }) => type),
      (seen) => seen.at(-1) === 'BackInStock',
    );
    expect(types.slice(4)).toEqual([
      'ReorderPointSet',
      'LowStock',
      'ReservationExpired',
      'StockReserved',
      'WaitExpired',
      'BackInStock',
    ]);
    expect(servedOf(stream)).toEqual(['w-1']);
  });
});
