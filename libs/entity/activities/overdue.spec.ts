import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AnyDecider, Deadline } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { reject } from '#libs/core/rejection.js';
import { type Timestamp, toMilliseconds } from '#libs/core/timestamp.js';
import type { DecideRequest, DecideResult } from '#libs/entity/protocol/activity-messages.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { HOUR, MINUTE, moment } from '#libs/testing/moments.js';
import { inventoryDecider } from '../../../apps/inventory/src/domain/inventory.decider.js';
import { received, reserved } from '../../../apps/inventory/src/domain/inventory.fixture.js';
import { createEntityActivities } from './entity.activities.js';
import { emptyFold, foldOnwards } from './fold-stream.js';

const stream = 'inventory-default.shirt';
const logger = pino({ level: 'silent' });
const COUNT = 1_500;
const now = moment(HOUR);

let store: MemoryEventStore;
let fold: Fold;

/** All of the stock is reserved, until a quarter past; it is an hour later. */
beforeEach(async () => {
  store = new MemoryEventStore();
  const expiresAt = moment(15 * MINUTE);
  const each = Array.from({ length: COUNT }, (_, index) => reserved(`r-${index}`, 1, { expiresAt }));
  const history = historyOf(stream, [received(COUNT), ...each]);
  await store.append(stream, -1, history.slice(0, 800));
  await store.append(stream, 799, history.slice(800));
  fold = await foldOnwards(inventoryDecider, store, stream, emptyFold(inventoryDecider));
});

const reserve = envelopeOf(
  { type: 'Reserve', data: { reservationId: 'new', quantity: 10 }, at: now },
  'reserve',
);
const confirm = envelopeOf(
  { type: 'ConfirmReservation', data: { reservationId: `r-${COUNT - 1}` }, at: now },
  'confirm',
);

/** One drain, as the workflow asks for it. */
async function drain(
  batch: readonly CommandEnvelope[],
  more: Partial<DecideRequest> = {},
  decider: AnyDecider = inventoryDecider,
): Promise<DecideResult> {
  const { decideAndAppend } = createEntityActivities({ decider, store, logger });
  const result = await decideAndAppend({ stream, fold, batch, now, searchStream: false, ...more });
  fold = await foldOnwards(inventoryDecider, store, stream, fold);
  return result;
}

const isPast = (deadline: Timestamp | undefined) => deadline !== undefined && deadline <= now;
const expired = () => store.eventsOf(stream).filter(({ type }) => type === 'ReservationExpired').length;

describe('when more is due than one append holds', () => {
  it('commands wait for the rest, and are decided on what is left then', async () => {
    const first = await drain([reserve, confirm]);
    expect(first.outcomes).toEqual([]);
    expect(expired()).toBeGreaterThan(0);
    expect(expired()).toBeLessThan(COUNT);
    const second = await drain([reserve, confirm]);
    expect(expired()).toBe(COUNT);
    expect(second.outcomes).toMatchObject([
      { status: 'accepted' },
      { status: 'rejected', code: 'RESERVATION.EXPIRED' },
    ]);
  });

  it('the rest is due at once, whether a command or the alarm has asked', async () => {
    expect(isPast((await drain([reserve])).deadline)).toBe(true);
    await drain([], { dueBy: now });
    expect(expired()).toBe(COUNT);
    expect(isPast((await drain([])).deadline)).toBe(false);
  });

  it('the alarm alone continues at once, too', async () => {
    const { deadline } = await drain([], { dueBy: now });
    expect(expired()).toBeLessThan(COUNT);
    expect(isPast(deadline)).toBe(true);
  });
});

describe('a deadline that cannot be met', () => {
  const inAMinute = toMilliseconds(now) + MINUTE * 1_000;
  const deadlineOf = ({ deadline }: DecideResult) => toMilliseconds(deadline ?? '');

  it.each([
    ['is refused', { ...inventoryDecider, decide: refusing }],
    ['stands after it was met', { ...inventoryDecider, deadline: standing }],
  ])('holds up no command, and is tried again in a minute: %s', async (_, decider) => {
    const result = await drain([confirm], {}, decider);
    expect(result.outcomes).toHaveLength(1);
    expect(deadlineOf(result)).toBe(inAMinute);
    expect(deadlineOf(await drain([], { dueBy: now }, decider))).toBe(inAMinute);
  });

  function refusing(...[command, state]: Parameters<typeof inventoryDecider.decide>) {
    if (command.type === 'ExpireReservation') return reject('NOT.NOW', 'not now');
    return inventoryDecider.decide(command, state);
  }

  function standing(): Deadline {
    const data = { quantity: 1 };
    return { at: moment(1), subject: 'more', command: { type: 'Receive', data } };
  }
});
