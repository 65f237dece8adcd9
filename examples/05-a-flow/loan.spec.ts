import { describe, expect, it } from '@jest/globals';
import { testFlow } from '#libs/testing/test-flow.js';
import { bookDecider } from '../01-an-entity/domain/book.decider.js';
import { loanCalls } from './flows/loan.flow.js';
import { loanContract } from './loan.contract.js';

describe.each([false, true])('a loan, alwaysReplay %s', (alwaysReplay) => {
  const loans = testFlow(loanContract, {
    workflowBundle: 'dist/examples/05-a-flow/workflows.bundle.js',
    calls: loanCalls,
    deciders: [bookDecider],
    alwaysReplay,
  });

  /** A loan of a book that the library has. */
  function given(book: string, ...events: readonly { type: string; data: { reader: string } }[]) {
    const added = { type: 'BookAdded', data: { title: book } };
    const histories = { [`book-default.${book}-${alwaysReplay}`]: [added, ...events] };
    return loans.given({ book: `${book}-${alwaysReplay}`, reader: 'ann' }, { histories });
  }

  it('reminds the reader after three weeks', () =>
    given('emma')
      .thenWaitsFor('PickedUp')
      .whenTimePasses('2d')
      .whenReceives('PickedUp', {})
      .thenWaitsFor('lent')
      .whenTimePasses('21d')
      .thenCalls(['remind', { reader: 'ann', book: `emma-${alwaysReplay}` }])
      .thenCompletes({ remindedAt: expect.any(String) as never }));

  it('puts the book back if nobody comes within three days', () =>
    given('faust').whenTimePasses('3d').thenCalls().thenFails('LOAN.NOT_PICKED_UP'));

  it('fails if another reader has the book', () =>
    given('hamlet', { type: 'BookLent', data: { reader: 'bob' } }).thenFails('BOOK.LENT'));
});
