import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { callbackContract, type CallbackEvent } from '#contracts/callback/callback.contract.js';
import { streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { toPublishedEvent } from '#libs/kafka/cloud-event.codec.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { LivingEntity } from '#libs/testing/living-entity.js';
import { moment } from '#libs/testing/moments.js';
import { depthOf } from '../../../../test/support/depth.js';
import { callbackMessagesView } from '../read-model/callbacks/callbacks.projection.js';
import { callbackDecider } from './callback.decider.js';
import { answer, reason } from './callback.fixture.js';
import { type CallbackState, isUnclaimed } from './callback.state.js';
import { presentCallback } from './callback.view.js';

const step = fc.record({
  type: fc.constantFrom(
    ...(['Receive', 'Receive', 'Receive', 'Wait', 'Wait', 'StopWaiting'] as const),
    ...(['RecordDelivery', 'RecordDelivery', 'RecordDelivery', 'Redeliver', 'Discard'] as const),
  ),
  by: fc.constantFrom('a', 'b', 'c').map((id) => streamName('order', id)),
  takes: fc.constantFrom('one', 'all'),
  n: fc.integer({ min: 1, max: 8 }),
  code: fc.constantFrom(undefined, undefined, 'FLOW.ENDED', 'FLOW.LOST'),
  endsBatch: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function commandOf({ type, by, takes, n, code }: Step, index: number): TestCommand {
  const at = moment(index);
  const bySender = { at, actor: by, sender: by };
  const of = { key: 'deliver', attempts: 1, echo: String(n) };
  switch (type) {
    case 'Receive':
      return { type, data: { provider: 'card', webhookId: `w-${index}`, payload: { index } }, at };
    case 'Wait':
      return { type, data: { takes, answer }, ...bySender };
    case 'StopWaiting':
      return { type, data: {}, ...bySender };
    case 'RecordDelivery':
      return code === undefined
        ? { type, data: { ...of, status: 'done', result: {} }, at }
        : { type, data: { ...of, status: 'refused', code, detail: 'no' }, at };
    default:
      return { type, data: { n, reason }, at };
  }
}

async function live(steps: readonly Step[]) {
  const states: CallbackState[] = [];
  const callback = new LivingEntity(callbackDecider, (state) => states.push(state));
  await callback.live(
    steps.map((next, index) => {
      return { command: commandOf(next, index), endsBatch: next.endsBatch, ringsAlarm: false };
    }),
  );
  const events = callback.events.map((event) => toPublishedEvent(event) as PublishedEvent<CallbackEvent>);
  return { callback, states, events };
}

function numbersIn(events: readonly CallbackEvent[], type: CallbackEvent['type']): readonly number[] {
  return events.flatMap((event) => (event.type === type && 'n' in event.data ? [event.data.n] : []));
}

describe('any sequence of commands', () => {
  const sequences = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' });
  const runs = { numRuns: depthOf('PROPERTY_RUNS') };

  it('loses no message and gives none to two', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { callback, events } = await live(steps);
        const held = callback.state.messages.map(({ n }) => n);
        const ended = [...numbersIn(events, 'CallbackClaimed'), ...numbersIn(events, 'CallbackDiscarded')];
        const all = [...held, ...ended].toSorted((a, b) => a - b);
        expect(all).toEqual(numbersIn(events, 'CallbackReceived'));
        expect(all).toEqual(all.map((_, index) => index + 1));
        expect(callback.fold).toEqual(await callback.refold());
        expect(callbackContract.view.parse(presentCallback(callback.state))).toEqual(
          presentCallback(callback.state),
        );
        callback.expectInWordsOf(callbackContract, steps.length);
      }),
      runs,
    ));

  it('leaves no message unclaimed while somebody waits who did not refuse it', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { callback } = await live(steps);
        const { waiters, messages } = callback.state;
        for (const message of messages.filter(isUnclaimed)) {
          const others = waiters.filter(({ by }) => by !== message.refused?.by.by);
          if (message.refused === undefined) expect(others).toEqual([]);
        }
      }),
      runs,
    ));

  it('delivers each message once for each time that it is assigned, to whom it is assigned', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { states, events } = await live(steps);
        const delivering = new Set<number>();
        for (const [index, event] of events.entries()) {
          const effects = callbackDecider.react?.(event, states[index] as CallbackState, 'card:x') ?? [];
          expect(effects).toHaveLength(event.type === 'CallbackAssigned' ? 1 : 0);
          if (event.type === 'CallbackClaimed' || event.type === 'CallbackRefused') {
            expect(delivering.delete(event.data.n)).toBe(true);
          }
          if (event.type !== 'CallbackAssigned') continue;
          const { n, to } = event.data;
          expect(delivering.has(n)).toBe(false);
          delivering.add(n);
          const [{ action }] = effects as [(typeof effects)[number]];
          const { payload, webhookId } = receivedIn(events, n);
          const callback = { id: 'card:x', n, payload, webhookId };
          const command = { type: answer.type, data: { ...answer.data, callback } };
          expect(action).toMatchObject({ kind: 'send', command });
          expect('to' in action && streamName(action.to.category, action.to.id)).toBe(to);
        }
      }),
      runs,
    ));

  it('is listed as it is', () =>
    fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        const { callback, events } = await live(steps);
        const rows = new Map<number, JsonObject>();
        let { initialState: state } = callbackMessagesView;
        for (const event of events) {
          const projected = callbackMessagesView.project(state, event);
          ({ state } = projected);
          for (const row of projected.rows.messages ?? []) rows.set(row.n, row as unknown as JsonObject);
        }
        const open = [...rows.values()].filter(({ endedAt }) => endedAt === undefined);
        const held = callback.state.messages.map(({ n, webhookId, to, refused }) => {
          const waiter = to?.by ?? refused?.by.by;
          return { n, webhookId, status: to ? 'delivering' : 'unclaimed', waiter };
        });
        expect(open).toHaveLength(held.length);
        for (const one of held) expect(rows.get(one.n)).toMatchObject(one);
        const ended = (type: CallbackEvent['type'], status: string) => {
          for (const n of numbersIn(events, type)) expect(rows.get(n)).toMatchObject({ status });
        };
        ended('CallbackClaimed', 'claimed');
        ended('CallbackDiscarded', 'discarded');
        expect(rows.size).toBe(callback.state.received);
      }),
      runs,
    ));
});

function receivedIn(events: readonly CallbackEvent[], n: number) {
  for (const event of events) if (event.type === 'CallbackReceived' && event.data.n === n) return event.data;
  throw new Error(`message ${n} was never received`);
}
