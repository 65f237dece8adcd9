import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  inventoryContract,
  type InventoryCommand,
  type InventoryEvent,
} from '#contracts/inventory/inventory.contract.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { streamName } from '#libs/core/entity-id.js';
import { type LifeStep, LivingEntity } from '#libs/testing/living-entity.js';
import { moment } from '#libs/testing/moments.js';
import { stockView } from '../read-model/stock/stock.projection.js';
import { inventoryDecider } from './inventory.decider.js';
import { available, type InventoryState } from './inventory.state.js';
import { presentInventory } from './inventory.view.js';
import { depthOf } from '../../../../test/support/depth.js';

type Type = InventoryCommand['type'];

const step = fc.record({
  pause: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 40 })),
  type: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<Type>('Receive', 'Adjust') },
    { weight: 8, arbitrary: fc.constant<Type>('Reserve') },
    {
      weight: 8,
      arbitrary: fc.constantFrom<Type>(
        'ConfirmReservation',
        'ReleaseReservation',
        'ReturnReservation',
        'ExtendReservation',
        'CancelWait',
        'DeclineWait',
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom<Type>('SetReorderPoint', 'SetWaitLimit', 'Discontinue') },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Type>(
        'Adjust',
        'SetApprovalLimit',
        'RemoveApprovalLimit',
        'RecordApproval',
        'DropRequest',
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Type>('ExpireReservation', 'ExpireWait', 'ServeWaitlist'),
    },
  ),
  id: fc.integer({ min: 1, max: 12 }),
  quantity: fc.integer({ min: 1, max: 9 }),
  by: fc.integer({ min: -5, max: 5 }).filter((by) => by !== 0),
  ttlSeconds: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  waits: fc.option(fc.integer({ min: -1, max: 90 }), { nil: undefined }),
  outcome: fc.constantFrom('approved', 'approved', 'refused', 'withdrawn'),
  /** An answer of another approval, or for other content. */
  forged: fc.constantFrom(undefined, undefined, undefined, 'sender', 'hash'),
  endsBatch: fc.boolean(),
  ringsAlarm: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function dataOf(step: Step, now: number, state: InventoryState): TestCommand['data'] {
  const { type, id, quantity, by, ttlSeconds, waits, outcome, forged } = step;
  const reservationId = `r-${id}`;
  const waiting = state.requests?.at(id % 2) ?? { approvalId: 'a-0', contentHash: 'a'.repeat(64) };
  switch (type) {
    case 'Receive':
      return { quantity };
    case 'Adjust':
      return { by, reason: 'counted' };
    case 'Reserve':
      return {
        reservationId,
        quantity,
        ...(ttlSeconds !== undefined && { ttlSeconds }),
        ...(waits !== undefined && { waitUntil: moment(now + waits) }),
      };
    case 'ExtendReservation':
      return { reservationId, ttlSeconds: ttlSeconds ?? 30 };
    case 'SetReorderPoint':
      return { reorderPoint: quantity };
    case 'SetWaitLimit':
      return { pieces: quantity };
    case 'SetApprovalLimit':
      return { pieces: quantity % 4, candidates: ['role:supervisor'], needed: 1, withinSeconds: 30 };
    case 'RecordApproval': {
      const contentHash = forged === 'hash' ? 'b'.repeat(64) : waiting.contentHash;
      return { outcome, approval: { id: waiting.approvalId, contentHash, by: ['tom'] } };
    }
    case 'DropRequest': {
      const of = { key: 'request', status: 'refused', attempts: 1, echo: waiting.approvalId };
      return { ...of, code: 'NO', detail: 'no' };
    }
    case 'RemoveApprovalLimit':
      return {};
    case 'DeclineWait':
      return { reservationId, reason: 'holds everybody up' };
    case 'Discontinue':
      return { reason: 'no maker' };
    default:
      return type === 'ServeWaitlist' ? {} : { reservationId };
  }
}

/** Answers come from the approval that they name, unless they are forged. */
function senderOf({ type, forged }: Step, { approval }: { readonly approval?: { readonly id: string } }) {
  if (type !== 'RecordApproval') return {};
  return { sender: streamName('approval', forged === 'sender' ? 'a-1' : (approval?.id ?? '')) };
}

/** Must hold after every single event. */
function expectSound(state: InventoryState): void {
  const { onHand, reserved, reservations } = state;
  expect(reserved).toBe(reservations.reduce((sum, { quantity }) => sum + quantity, 0));
  expect(available(state)).toBeGreaterThanOrEqual(0);
  expect(onHand).toBe(available(state) + reserved);
  expect(onHand).toBe(state.received + state.adjusted - state.sold);
}

async function live(steps: readonly Step[], look: (state: InventoryState, event: InventoryEvent) => void) {
  const item = new LivingEntity(inventoryDecider, look);
  let now = 0;
  const life: LifeStep[] = [
    { command: { type: 'Receive', data: { quantity: 10 } }, endsBatch: true, ringsAlarm: false },
    ...steps.map((next) => {
      now += next.pause;
      const { type, endsBatch, ringsAlarm } = next;
      const [at, seconds] = [moment(now), now];
      const command = () => {
        const data = dataOf(next, seconds, item.state);
        return { type, data, at, ...senderOf(next, data) };
      };
      return { command, endsBatch, ringsAlarm };
    }),
  ];
  await item.live(life);
  return item;
}

describe('any sequence of commands', () => {
  const sequences = fc.array(step, { minLength: 1, maxLength: 80, size: 'max' });
  const runs = { numRuns: depthOf('PROPERTY_RUNS') };

  it('never oversells: on hand is available plus reserved, at every revision', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const item = await live(steps, expectSound);
        expect(item.fold).toEqual(await item.refold());
        expect(JSON.parse(JSON.stringify(item.state))).toEqual(item.state);
        const view = presentInventory(item.state);
        expect(inventoryContract.view.parse(view)).toEqual(view);
      }),
      runs,
    ));

  it('keeps every piece: received and corrected is on hand or went out and did not come back', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const item = await live(steps, () => undefined);
        const counted = item.events.reduce((sum, { type, data }) => {
          if (type === 'StockReceived' || type === 'ReservationReturned')
            return sum + Number(data['quantity']);
          if (type === 'StockAdjusted') return sum + Number(data['by']);
          return type === 'ReservationConfirmed' ? sum - Number(data['quantity']) : sum;
        }, 0);
        expect(item.state.onHand).toBe(counted);
      }),
      runs,
    ));

  it('corrects nothing above the limit but what was approved, each request once', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { events, state } = await live(steps, () => undefined);
        let [limit, approved] = [Infinity, 0];
        const waiting = new Map<unknown, number>();
        for (const { type, data } of events) {
          const by = Number(data['by']);
          if (type === 'ApprovalLimitSet') limit = Number(data['pieces']);
          if (type === 'ApprovalLimitRemoved') limit = Infinity;
          if (type === 'AdjustmentRequested') waiting.set(data['approvalId'], by);
          if (type === 'AdjustmentApproved' || type === 'AdjustmentRefused') {
            expect(waiting.get(data['approvalId'])).toBe(by);
            waiting.delete(data['approvalId']);
          }
          if (type === 'StockAdjusted') expect(Math.abs(by) <= limit || by === approved).toBe(true);
          approved = type === 'AdjustmentApproved' ? by : 0;
        }
        expect(new Map(state.requests?.map((one) => [one.approvalId, one.by]))).toEqual(waiting);
      }),
      runs,
    ));

  it('serves the line in order of arrival, and lets nobody pass it', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        let line: string[] = [];
        await live(steps, (_, { type, data }) => {
          if (type === 'ReservationQueued') line.push(data.reservationId);
          if (type === 'StockReserved') expect(line[0]).toBe(data.servedAt && data.reservationId);
          const leaves = ['StockReserved', 'WaitCancelled', 'WaitExpired', 'WaitDeclined'].includes(type);
          if (leaves && 'reservationId' in data) line = line.filter((id) => id !== data.reservationId);
        });
      }),
      runs,
    ));

  it('leaves nobody waiting for available pieces', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { state } = await live(steps, () => undefined);
        const [first] = state.waiting;
        if (first) expect(first.quantity).toBeGreaterThan(available(state));
      }),
      runs,
    ));

  it('ends each reservation once, and returns only what was confirmed', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { events } = await live(steps, () => undefined);
        const lives = new Map<string, string[]>();
        for (const { type, data } of events) {
          if (typeof data['reservationId'] !== 'string' || type === 'ReservationExtended') continue;
          lives.set(data['reservationId'], [...(lives.get(data['reservationId']) ?? []), type]);
        }
        const sound =
          /^(ReservationQueued )?(StockReserved (ReservationConfirmed (ReservationReturned )?|ReservationReleased |ReservationExpired )?|Wait\w+ )?$/;
        for (const life of lives.values()) expect(`${life.join(' ')} `).toMatch(sound);
      }),
      runs,
    ));

  it('is shown by the list of stock as it is', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { events, state } = await live(steps, () => undefined);
        const level = events
          .map((event) => toPublishedEvent(event) as PublishedEvent<InventoryEvent>)
          .reduce((before, event) => stockView.project(before, event).state, stockView.initialState);
        const { status, onHand, reserved, received, adjusted, sold, waiting, reorderPoint = null } = state;
        const awaited = waiting.reduce((sum, { quantity }) => sum + quantity, 0);
        expect(level).toEqual({
          status,
          onHand,
          reserved,
          received,
          adjusted,
          sold,
          reorderPoint,
          waiting: waiting.length,
          awaited,
        });
      }),
      runs,
    ));

  it('answers every command once, in the words of the contract', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        (await live(steps, () => undefined)).expectInWordsOf(inventoryContract, steps.length + 1);
      }),
      runs,
    ));
});
