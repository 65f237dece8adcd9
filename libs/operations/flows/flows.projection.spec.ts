import { describe, expect, test } from '@jest/globals';
import type { FlowEvent, Wait } from '#libs/core/flow/flow.messages.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { foldView } from '#libs/testing/fold-view.js';
import { flowsTable, flowsView } from './flows.projection.js';

const at = toTimestamp(0);
const started: FlowEvent = {
  type: 'FlowStarted',
  data: { input: { what: 'bread' }, execution: 'run-1', at },
};
const stuck: FlowEvent = {
  type: 'CompensationStuck',
  data: { name: 'return', code: 'SHOP.SHUT', detail: 'no', at },
};
const failed: FlowEvent = { type: 'FlowFailed', data: { code: 'SHOP.SHUT', detail: 'no', unread: [], at } };
const waiting = (...waits: Wait[]): FlowEvent => ({ type: 'FlowWaiting', data: { waits, at } });
const nap: Wait = { place: 'nap', kind: 'sleep', name: 'nap', until: toTimestamp(2_000) };
const hurry: Wait = { place: 'Hurry', kind: 'message', name: 'Hurry', until: toTimestamp(1_000) };
const call: Wait = { place: 'buy', kind: 'call', name: 'buy' };

const folded = (...events: FlowEvent[]) => foldView(flowsView('errand'), events);
const rowAfter = (...events: FlowEvent[]) => folded(...events).rows.flows.at(-1);

describe('the list of flows', () => {
  test('shows a flow from its start', () => {
    expect(rowAfter(started)).toEqual({
      tenant: 'default',
      type: 'errand',
      id: 'alice',
      status: 'running',
      isStuck: false,
      waitsFor: null,
      waitUntil: null,
      failure: null,
      revision: 0,
      startedBy: null,
      startedAt: at,
      endedAt: null,
      updatedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  test.each([
    [[call, nap, hurry], 'message Hurry', hurry.until],
    [[call, nap], 'sleep nap', nap.until],
    [[call], 'call buy', null],
    [[], null, null],
  ])('shows the wait that ends first: of %j, %s', (waits, waitsFor, waitUntil) => {
    expect(rowAfter(started, waiting(nap), waiting(...waits))).toMatchObject({ waitsFor, waitUntil });
  });

  test('shows which flows need an operator', () => {
    expect(rowAfter(started, stuck)).toMatchObject({ isStuck: true });
    const retried: FlowEvent = { type: 'CompensationRetried', data: { name: 'return', at } };
    expect(rowAfter(started, stuck, retried)).toMatchObject({ isStuck: false });
  });

  test('shows how a flow has ended', () => {
    const ended = { status: 'failed', failure: 'SHOP.SHUT', endedAt: at, waitsFor: null, isStuck: false };
    expect(rowAfter(started, waiting(nap), stuck, failed)).toMatchObject(ended);
    expect(rowAfter(started, { type: 'FlowLost', data: { at } })).toMatchObject({ status: 'lost' });
  });

  test('keeps none of what a flow takes, reports and returns', () => {
    const progressed: FlowEvent = { type: 'FlowProgressed', data: { value: 'half way', at } };
    const completed: FlowEvent = {
      type: 'FlowCompleted',
      data: { result: { paid: 3 }, unread: [], at },
    };
    const { state } = folded(started, waiting(nap), progressed, completed);
    expect(Object.keys(state)).not.toEqual(expect.arrayContaining(['input', 'progress', 'result']));
    expect(state.timers).toEqual({});
  });

  test('shows rows as the API describes them', () => {
    for (const events of [[started], [started, waiting(nap), stuck], [started, failed]]) {
      const item = flowsTable.toItem(rowAfter(...events)!);
      expect(flowsTable.item.parse(item)).toEqual(item);
    }
  });
});
