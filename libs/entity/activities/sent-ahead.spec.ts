import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { register } from 'prom-client';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import type { DecideRequest } from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { RING_SIZE } from '#libs/entity/protocol/outcome-ring.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryOutcomeMemory } from '#libs/testing/memory-outcome-memory.js';
import { DAY, HOUR, MINUTE, moment } from '#libs/testing/moments.js';
import { inventoryDecider } from '../../../apps/inventory/src/domain/inventory.decider.js';
import { received } from '../../../apps/inventory/src/domain/inventory.fixture.js';
import { AttemptTooLateError } from './entity-activities.errors.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';
import { withLatestKept } from './latest-kept.js';
import { SettledCommands } from './settled-commands.js';

const stream = 'inventory-default.shirt';
const now = moment(MINUTE);
const lines: string[] = [];
const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });

let store: MemoryEventStore;
beforeEach(async () => {
  lines.length = 0;
  store = new MemoryEventStore();
  await store.append(stream, -1, historyOf(stream, [received(10)]));
});

const folded = () => foldOnwards(inventoryDecider, store, stream, emptyFold(inventoryDecider));
const activities = () => createEntityActivities({ decider: inventoryDecider, store, logger });

async function decide(fold: Fold, batch: readonly CommandEnvelope[], more: Partial<DecideRequest> = {}) {
  return activities().decideAndAppend({ stream, fold, batch, now, searchStream: false, ...more });
}

function reserve(reservationId: string, at: Timestamp): CommandEnvelope {
  const data = { reservationId, quantity: 1, ttlSeconds: 30 * MINUTE };
  return envelopeOf({ type: 'Reserve', data, at }, reservationId);
}

const reservedUntil = () => store.eventsOf(stream).flatMap(({ data }) => data['expiresAt'] ?? []);

async function countedAhead(): Promise<number> {
  const metric = await register.getSingleMetric('perdure_commands_sent_ahead_total')?.get();
  return metric?.values.find(({ labels }) => labels['category'] === 'inventory')?.value ?? 0;
}

describe('a command from a host whose clock is an hour ahead', () => {
  const wrong = reserve('wrong', moment(HOUR + MINUTE));

  it('is decided at the time of its entity, and does not affect the others', async () => {
    await decide(await folded(), [reserve('before', now)]);
    await decide(await folded(), [wrong]);
    await decide(await folded(), [reserve('after', now)]);
    expect(reservedUntil()).toEqual([31, 31, 31].map((minutes) => moment(minutes * MINUTE)));
    expect((await folded()).at).toBe(now);
    expect(store.eventsOf(stream)[2]?.metadata).toMatchObject({ at: now, sentAt: wrong.sentAt });
  });

  it('is counted, and logged once a drain', async () => {
    const before = await countedAhead();
    await decide(await folded(), [wrong, reserve('right', now), reserve('too', wrong.sentAt)]);
    expect(await countedAhead()).toBe(before + 2);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { entity: stream, count: 2, commandId: wrong.commandId, sentAt: wrong.sentAt, now },
    ]);
  });

  it('is the same as ever where an append is repeated at a later time', async () => {
    const start = await folded();
    const first = await decide(start, [reserve('right', now), wrong]);
    const again = await decide(start, [reserve('right', now), wrong], { now: moment(2 * MINUTE) });
    expect(again.outcomes).toEqual(first.outcomes);
    expect(again.at).toBe((await folded()).at);
  });

  it('is the same as ever where only its time differs', async () => {
    const start = await folded();
    const adjust = envelopeOf({ type: 'Adjust', data: { by: 1, reason: 'counted' }, at: wrong.sentAt }, 'a');
    const first = await decide(start, [adjust]);
    const again = await decide(start, [adjust], { now: moment(2 * MINUTE) });
    expect(again).toMatchObject({ outcomes: first.outcomes, at: now });
  });

  it('is not decided by an attempt that was frozen: another one may have decided differently', async () => {
    const late = decide(await folded(), [wrong], { patience: -1 });
    await expect(late).rejects.toBeInstanceOf(AttemptTooLateError);
    await decide(await folded(), [reserve('right', now)], { patience: -1 });
  });
});

it('a clock that is some seconds ahead is taken at its word', async () => {
  await decide(await folded(), [reserve('soon', moment(MINUTE + 10))]);
  expect(reservedUntil()).toEqual([moment(31 * MINUTE + 10)]);
  expect(lines).toEqual([]);
});

describe('a ring made from the stream', () => {
  const wrong = reserve('wrong', moment(HOUR + MINUTE));

  it('remembers when a command was sent', async () => {
    await decide(await folded(), [wrong]);
    const { ring } = await activities().loadEntity({ stream, now });
    expect(ring?.entries.at(-1)).toMatchObject({ outcome: { at: now }, sentAt: wrong.sentAt });
  });

  it('remembers the latest of those times when it drops a command', async () => {
    const settled = new SettledCommands();
    await decide(await folded(), [wrong]);
    const [received, event] = store.eventsOf(stream) as [RecordedEvent, RecordedEvent];
    settled.see(event);
    const next = (index: number) => ({ ...received.metadata, commandId: `${index}` });
    for (let index = 0; index < RING_SIZE; index += 1) {
      settled.see({ ...received, revision: index + 2, metadata: next(index) });
    }
    const ring = settled.toRing();
    expect(ring.evictedUpTo).toBe(wrong.sentAt);
    const rejected = { status: 'rejected', commandId: 'r', revision: 0, code: 'NO', detail: '' } as const;
    const memory = new MemoryOutcomeMemory();
    await memory.keep(stream, [{ outcome: { ...rejected, at: moment(DAY) } }]);
    const whole = { entries: [{ ...ring.entries[0]!, sentAt: moment(DAY) }, ...ring.entries.slice(1)] };
    expect((await withLatestKept(memory, stream, whole, now)).evictedUpTo).toBe(moment(DAY));
  });
});
