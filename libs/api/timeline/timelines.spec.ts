import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { accountContract } from '#contracts/account/account.contract.js';
import type { Timeline } from '#contracts/timeline.js';
import type { DomainEvent } from '#libs/core/decider.js';
import { EntityHistory } from '#libs/entity/gateway/entity-history.js';
import type { StageFinder } from '#libs/entity/memory/stage-finder.js';
import type { EventToAppend, ReadOptions, RecordedEvent } from '#libs/event-store/event-store.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { HOUR, moment } from '#libs/testing/moments.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { presentAccount } from '../../../apps/account/src/domain/account.view.js';
import { timelineQuery } from './timeline-query.js';
import { Timelines } from './timelines.js';

const stream = 'account-default.a1';
const saga = 'transfer-default.t1';
const entity = { contract: accountContract, decider: accountDecider, present: presentAccount };
const hold = (n: number) => ({ holdId: `h-${n}`, amount: n, expiresAt: moment(n * HOUR) });
const events: readonly DomainEvent[] = [
  { type: 'AccountOpened', data: { owner: 'alice', currency: 'EUR' } },
  { type: 'MoneyDeposited', data: { amount: 100 } },
  { type: 'HoldPlaced', data: hold(2) },
  { type: 'HoldPlaced', data: hold(1) },
];

let store: MemoryEventStore;
let runs: () => AsyncIterable<object>;
let timelines: Timelines;
beforeEach(async () => {
  store = new MemoryEventStore();
  await write(events);
  runs = async function* () {
    yield {
      runId: 'r-1',
      type: 'account',
      status: { name: 'RUNNING' },
      startTime: new Date(moment(-1)),
      historyLength: 9,
      taskQueue: 'account',
    };
  };
  const projected = [{ view: 'accounts', state: 'done', at: moment(9) }];
  const stages = { find: async () => ({ relayed: { state: 'done', topic: 't', offset: '7' }, projected }) };
  timelines = new Timelines({
    gateway: { events: (name, options) => all(name, options) },
    history: new EntityHistory(store, [entity]),
    client: { workflow: { list: () => runs() } } as object as Client,
    stages: stages as object as StageFinder,
  });
});

async function all(name: string, options?: ReadOptions): Promise<RecordedEvent[]> {
  const found = [];
  for await (const event of store.read(name, options)) found.push(event);
  return found;
}

/** Appends events, a minute apart, the third one from a saga. */
async function write(more: readonly DomainEvent[]): Promise<void> {
  for (const [revision, event] of more.entries()) {
    const [made] = historyOf(`${stream} ${revision}`, [event], moment(60 * revision));
    const actor = revision === 2 ? saga : 'alice';
    const placed = made && { ...made, metadata: { ...made.metadata, actor } };
    await store.append(stream, revision - 1, [placed as EventToAppend]);
  }
}

async function page(query: Record<string, string> = {}): Promise<Timeline> {
  const found = await timelines.page(entity, 'a1', stream, timelineQuery.parse(query));
  if (!found) throw new Error('there is no such entity');
  return found;
}

const inLane = ({ items }: Timeline, lane: string) => items.filter((item) => item.lane === lane);
const revisionsIn = (told: Timeline) => inLane(told, 'event').map(({ revision }) => revision);

describe('a timeline', () => {
  it('joins what the store, Temporal, the views and the rules know, in the order of time', async () => {
    const told = await page();
    expect(told).toMatchObject({ category: 'account', id: 'a1', state: 'open', missing: [] });
    expect(told.items.map(({ at }) => at)).toEqual(told.items.map(({ at }) => at).toSorted());
    expect(revisionsIn(told)).toEqual([0, 1, 2, 3]);
    expect(inLane(told, 'request')).toHaveLength(4);
    expect(inLane(told, 'receipt')).toHaveLength(4);
    expect(inLane(told, 'workflow')).toMatchObject([{ id: 'run-r-1', title: 'Workflow running' }]);
    expect(inLane(told, 'topic')).toMatchObject([{ detail: 'offset 7', revision: 3 }]);
    expect(inLane(told, 'view')).toMatchObject([{ title: 'accounts', at: moment(9) }]);
    expect(inLane(told, 'saga')).toMatchObject([{ link: '/entities/transfer/t1', at: moment(120) }]);
  });

  it('tells all deadlines that are still to come, not only the next one', async () => {
    expect(inLane(await page(), 'timer')).toMatchObject([
      { at: moment(HOUR), title: 'ExpireHold', detail: 'h-1', isFuture: true },
      { at: moment(2 * HOUR), title: 'ExpireHold', detail: 'h-2', isFuture: true },
    ]);
  });

  it('names what does not answer, and tells the rest', async () => {
    runs = () => {
      throw new Error('it is away');
    };
    const told = await page();
    expect(told.missing).toEqual([{ source: 'temporal', reason: 'it could not be asked' }]);
    expect(revisionsIn(told)).toEqual([0, 1, 2, 3]);
    expect(inLane(told, 'view')).toHaveLength(1);
  });

  it('has pages from the first event on, and ends with the latest one by default', async () => {
    const first = await page({ after: '-1', limit: '3' });
    expect([revisionsIn(first), first.nextCursor]).toEqual([[0, 1, 2], '2']);
    const second = await page({ after: String(first.nextCursor), limit: '3' });
    expect([revisionsIn(second), second.nextCursor]).toEqual([[3], undefined]);
    expect(inLane(first, 'timer')).toEqual([]);
    expect(revisionsIn(await page({ limit: '2' }))).toEqual([2, 3]);
  });

  it('can be limited to a time', async () => {
    expect(revisionsIn(await page({ from: moment(60), to: moment(121) }))).toEqual([1, 2]);
    expect(revisionsIn(await page({ from: moment(61), limit: '1' }))).toEqual([2]);
    expect(inLane(await page({ to: moment(121) }), 'timer')).toEqual([]);
    expect(revisionsIn(await page({ from: moment(9 * HOUR) }))).toEqual([]);
  });

  it('does not exist for what has no events', async () => {
    expect(
      await timelines.page(entity, 'none', 'account-default.none', timelineQuery.parse({})),
    ).toBeUndefined();
  });
});
