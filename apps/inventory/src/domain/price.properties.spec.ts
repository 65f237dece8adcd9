import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceContract, type PriceCommand, type PriceEvent } from '#contracts/price/price.contract.js';
import { pricesAt } from '#contracts/price/prices-at.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { type LifeStep, LivingEntity } from '#libs/testing/living-entity.js';
import { moment } from '#libs/testing/moments.js';
import { depthOf } from '../../../../test/support/depth.js';
import { pricesView } from '../read-model/prices/prices.projection.js';
import { priceDecider } from './price.decider.js';
import type { PriceState } from './price.state.js';
import { presentPrices } from './price.view.js';

const seconds = fc.integer({ min: -5, max: 60 });

const step = fc.record({
  pause: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 30 })),
  type: fc.oneof(
    { weight: 6, arbitrary: fc.constant<PriceCommand['type']>('SetPrice') },
    {
      weight: 3,
      arbitrary: fc.constantFrom<PriceCommand['type']>('WithdrawPrice', 'BeginPrice', 'EndPrice'),
    },
  ),
  unitPrice: fc.integer({ min: 0, max: 3 }),
  currency: fc.constantFrom('USD', 'EUR'),
  from: fc.option(seconds, { nil: undefined }),
  until: fc.option(seconds, { nil: undefined }),
  endsBatch: fc.boolean(),
  ringsAlarm: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function dataOf({ type, unitPrice, currency, from, until }: Step, now: number): TestCommand['data'] {
  const validFrom = from === undefined ? {} : { validFrom: moment(now + from) };
  const validUntil = until === undefined ? {} : { validUntil: moment(now + until) };
  switch (type) {
    case 'SetPrice':
      return { unitPrice, currency, ...validFrom, ...validUntil };
    case 'EndPrice':
      return { currency, validUntil: moment(now + (until ?? 0)) };
    case 'BeginPrice':
      return { currency, validFrom: moment(now + (from ?? 0)) };
    default:
      return { currency, ...validFrom };
  }
}

/** Must hold after every single event. */
function expectSound({ prices, planned }: PriceState): void {
  const valid = prices.map(({ currency }) => currency);
  expect(new Set(valid).size).toBe(valid.length);
  const starts = planned.map(({ currency, validFrom }) => `${validFrom} ${currency}`);
  expect(starts).toEqual([...new Set(starts)].sort());
}

async function live(steps: readonly Step[]) {
  const list = new LivingEntity(priceDecider, expectSound);
  let now = 0;
  const life = steps.map((next): LifeStep => {
    now += next.pause;
    const { type, endsBatch, ringsAlarm } = next;
    return { command: { type, data: dataOf(next, now), at: moment(now) }, endsBatch, ringsAlarm };
  });
  await list.live(life);
  return { list, now };
}

/** The prices that are valid at a time, found from the whole history of a list. */
function validAt(events: readonly PriceEvent[], currency: string, at: string): number | undefined {
  const list = events.reduce(priceDecider.evolve, priceDecider.initialState);
  return pricesAt(list, at).find((price) => price.currency === currency)?.unitPrice;
}

describe('any sequence of commands', () => {
  const sequences = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });
  const runs = { numRuns: depthOf('PROPERTY_RUNS') };

  it('leaves one price in each currency, and its state equal to the fold of its stream', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { list } = await live(steps);
        expect(list.fold).toEqual(await list.refold());
        const view = presentPrices(list.state);
        expect(JSON.parse(JSON.stringify(list.state))).toEqual(view);
        expect(priceContract.view.parse(view)).toEqual(view);
      }),
      runs,
    ));

  it('shows at any time what will be valid then', () =>
    fc.assert(
      fc.asyncProperty(sequences, seconds, async (steps, later) => {
        const { list, now } = await live(steps);
        const events = list.events as unknown as readonly PriceEvent[];
        const at = moment(now + Math.max(later, 0));
        const before = ['USD', 'EUR'].map((currency) => validAt(events, currency, at));
        // Lets everything begin and end that is due by then.
        await list.live([
          {
            command: { type: 'WithdrawPrice', data: { currency: 'GBP' }, at },
            endsBatch: true,
            ringsAlarm: true,
          },
        ]);
        const after = list.events as unknown as readonly PriceEvent[];
        expect(['USD', 'EUR'].map((currency) => validAt(after, currency, at))).toEqual(before);
        const { prices } = list.state;
        expect(pricesAt(list.state, at)).toEqual(prices.filter(({ validUntil = '~' }) => validUntil > at));
      }),
      runs,
    ));

  it('is shown by the list of prices as it is', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { list } = await live(steps);
        const rows = new Map<string, object>();
        let { initialState: state } = pricesView;
        for (const event of list.events) {
          const published = toPublishedEvent(event) as PublishedEvent<PriceEvent>;
          const projected = pricesView.project(state, published);
          ({ state } = projected);
          for (const row of projected.rows.prices ?? []) rows.set(`${row.validFrom} ${row.currency}`, row);
        }
        const { prices, planned } = list.state;
        const shown = (status: string) =>
          [...rows.values()].filter((row) => 'status' in row && row.status === status);
        expect(shown('valid')).toHaveLength(prices.length);
        expect(shown('valid')).toEqual(
          expect.arrayContaining(prices.map((price) => expect.objectContaining(price))),
        );
        expect(shown('planned')).toHaveLength(planned.length);
        expect(shown('planned')).toEqual(
          expect.arrayContaining(planned.map((price) => expect.objectContaining(price))),
        );
      }),
      runs,
    ));

  it('answers every command once, in the words of the contract', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { list } = await live(steps);
        list.expectInWordsOf(priceContract, steps.length);
      }),
      runs,
    ));
});
