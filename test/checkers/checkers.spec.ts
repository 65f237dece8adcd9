import { describe, expect, it } from '@jest/globals';
import { checkAcknowledged } from './acknowledged.checker.js';
import type { CommandFact, EventFact, RecordFact } from './facts.js';
import { checkLiveStates, checkRevisions } from './fold.checker.js';
import { checkMoney } from './money.checker.js';
import { checkOnce } from './once.checker.js';
import { checkSagas } from './saga.checker.js';
import { checkStock } from './stock.checker.js';
import { checkTopic } from './topic.checker.js';
import { checkRows, checkViewsOnlyAdvance } from './view.checker.js';

const STREAM = 'account-default.a';

function event(revision: number, type: string, data: object, more: Partial<EventFact> = {}): EventFact {
  const commandId = `c-${revision}`;
  const id = `${more.stream ?? STREAM}@${revision}`;
  return { stream: STREAM, revision, id, type, data: { ...data }, commandId, index: 0, count: 1, ...more };
}

const deposited = (revision: number, amount: number, more?: Partial<EventFact>) =>
  event(revision, 'MoneyDeposited', { amount, currency: 'EUR' }, more);

function record({ stream: key, id, revision }: EventFact, more: Partial<RecordFact> = {}): RecordFact {
  return { key, partition: 1, offset: BigInt(revision), id, revision, ...more };
}

const command = (answer: CommandFact['answer'], more: Partial<CommandFact> = {}): CommandFact => {
  return { stream: STREAM, commandId: 'c-0', answer, ...more };
};

describe('the checker of money', () => {
  const captured = event(2, 'HoldCaptured', { captured: 30, released: 5, currency: 'EUR' });
  const events = [deposited(0, 100), event(1, 'MoneyWithdrawn', { amount: 50, currency: 'EUR' }), captured];
  const shows = (balance: number) => ({ rows: [{ stream: STREAM, currency: 'EUR', balance }] });

  it('is silent when all adds up', () => expect(checkMoney(events, shows(20))).toEqual([]));
  it('finds a cent too much', () => expect(checkMoney(events, shows(21))).toHaveLength(1));
  it('finds a negative balance', () => expect(checkMoney(events.slice(1), shows(-80))).toHaveLength(2));
  it('finds a currency that came from nowhere', () =>
    expect(checkMoney([], { rows: [{ stream: STREAM, currency: 'USD', balance: 1 }] })).toHaveLength(1));
});

describe('the checker of stock', () => {
  const events = [
    event(0, 'StockReceived', { quantity: 5 }),
    event(1, 'StockReserved', { quantity: 4 }),
    event(2, 'ReservationConfirmed', { quantity: 4 }),
    event(3, 'StockAdjusted', { by: -1 }),
  ];
  it('is silent when all adds up', () =>
    expect(checkStock(events, { rows: [{ stream: STREAM, onHand: 0, reserved: 0 }] })).toEqual([]));
  it('reports overselling', () =>
    expect(checkStock([...events.slice(0, 1), event(1, 'StockReserved', { quantity: 6 })], {})).toHaveLength(
      1,
    ));
  it('finds a row that shows something else', () =>
    expect(checkStock(events, { rows: [{ stream: STREAM, onHand: 1, reserved: 0 }] })).toHaveLength(1));
});

describe('the checker of acknowledged commands', () => {
  it('reports nothing if streams and receipts match the answers', () => {
    expect(
      checkAcknowledged([deposited(0, 1)], [command('accepted', { receipt: 'accepted' })], 'asked'),
    ).toEqual([]);
    expect(checkAcknowledged([], [command('rejected', { receipt: 'rejected' })], 'asked')).toEqual([]);
    expect(checkAcknowledged([], [command('unknown')], 'asked')).toEqual([]);
    expect(
      checkAcknowledged([deposited(0, 1)], [command('unknown', { receipt: 'accepted' })], 'asked'),
    ).toEqual([]);
  });
  it.each([
    ['lost', [], command('accepted')],
    ['rejected and written', [deposited(0, 1)], command('rejected')],
    ['half written', [deposited(0, 1, { count: 2 })], command('unknown', { receipt: 'accepted' })],
    ['written behind a receipt that does not know it', [deposited(0, 1)], command('unknown')],
    ['receipted and not written', [], command('unknown', { receipt: 'accepted' })],
  ] as const)('finds a command that is %s', (_, events, fact) =>
    expect(checkAcknowledged(events, [fact], 'asked')).not.toEqual([]),
  );
});

describe('the checker of effects', () => {
  it('is silent over a batch of two', () =>
    expect(
      checkOnce([
        deposited(0, 1, { commandId: 'c', count: 2 }),
        deposited(1, 1, { commandId: 'c', index: 1, count: 2 }),
      ]),
    ).toEqual([]));
  it('finds a command in two batches', () =>
    expect(
      checkOnce([deposited(0, 1, { commandId: 'c' }), deposited(1, 1, { commandId: 'c' })]),
    ).toHaveLength(1));
  it('reports a duplicate event id', () =>
    expect(checkOnce([deposited(0, 1, { id: 'e' }), deposited(1, 1, { id: 'e' })])).toHaveLength(1));
  it('finds an intent that two commands have carried out', () => {
    const sent = ['c-0', 'c-1'].map((commandId) => command('accepted', { commandId, intent: 'pay in' }));
    expect(checkOnce([deposited(0, 1), deposited(1, 1)], sent)).toHaveLength(1);
    expect(checkOnce([deposited(0, 1)], sent)).toEqual([]);
  });
});

describe('the checkers of folds', () => {
  const fold = { stream: STREAM, revision: 1, state: { balance: 2 } };
  it('find a gap', () => {
    expect(checkRevisions([deposited(0, 1), deposited(1, 1)])).toEqual([]);
    expect(checkRevisions([deposited(0, 1), deposited(2, 1)])).toHaveLength(1);
  });
  it('find a state that is not the fold', () => {
    expect(checkLiveStates([fold], [fold])).toEqual([]);
    expect(checkLiveStates([{ ...fold, state: { balance: 3 } }], [fold])).toHaveLength(1);
    expect(checkLiveStates([{ ...fold, revision: 0 }], [fold])).toHaveLength(1);
  });
});

describe('the checker of the topic', () => {
  const events = [deposited(0, 1), deposited(1, 1)];
  const [first, second] = events.map((one) => record(one)) as [RecordFact, RecordFact];
  it('is silent when topic and store agree', () => expect(checkTopic(events, [second, first])).toEqual([]));
  it.each([
    ['a record too few', [first]],
    ['a record twice', [first, second, { ...second, offset: 2n }]],
    ['records out of order', [{ ...first, offset: 3n }, second]],
    ['a key in two partitions', [first, { ...second, partition: 2 }]],
    ['a record under the key of another', [first, { ...second, key: 'account-default.b' }]],
    ['a record that no stream holds', [first, second, { ...second, id: 'x', revision: 2, offset: 2n }]],
  ])('finds %s', (_, records) => expect(checkTopic(events, records)).not.toEqual([]));
});

describe('the checkers of views', () => {
  const row = { table: 'accounts', key: 'a', row: { balance: '1' } };
  it('find rows that differ, miss, or come from nowhere', () => {
    expect(checkRows([row], [row])).toEqual([]);
    expect(checkRows([{ ...row, row: { balance: '2' } }], [row])).toEqual([
      'accounts a shows balance "2" for "1"',
    ]);
    expect(checkRows([], [row])).toHaveLength(1);
    expect(checkRows([row], [])).toHaveLength(1);
  });
  it('find a revision that goes back', () => {
    const look = (revision: number) => ({ view: 'accounts', stream: STREAM, revision });
    expect(checkViewsOnlyAdvance([look(0), look(3), look(3)])).toEqual([]);
    expect(checkViewsOnlyAdvance([look(3), look(2)])).toHaveLength(1);
  });
});

describe('the checker of sagas', () => {
  const saga = (end: string) => [
    event(0, 'SagaStarted', { id: 's' }, { stream: 'checkout-default.s' }),
    event(1, end, {}, { stream: 'checkout-default.s' }),
  ];
  const held = event(0, 'HoldPlaced', { holdId: 's' });
  const end = (type: string) => event(1, type, { holdId: 's' });
  it('is silent over a whole one', () => {
    expect(checkSagas([...saga('SagaCompleted'), held, end('HoldCaptured')])).toEqual([]);
    expect(checkSagas([...saga('SagaCompensated'), held, end('HoldReleased')])).toEqual([]);
  });
  it('reports what was not given back, not taken, or not ended', () => {
    expect(checkSagas([...saga('SagaCompensated'), held])).toHaveLength(1);
    expect(checkSagas([...saga('SagaCompleted'), held])).toHaveLength(1);
    expect(checkSagas(saga('SagaCompleted').slice(0, 1))).toHaveLength(1);
  });
});
