import { callPolicy, type Flow, flowKind } from '#libs/core/flow/flow.js';
import { FlowFailure } from '#libs/core/flow/flow.errors.js';
import type { FlowTypesOf } from '#contracts/flow/flow.contract.js';
import { Book } from '../../01-an-entity/domain/book.kind.js';
import type { loanContract } from '../loan.contract.js';

type LoanTypes = FlowTypesOf<typeof loanContract>;

export const Loan = flowKind<LoanTypes>('loan');

export const loanCalls = {
  remind: callPolicy<{ readonly reader: string; readonly book: string }, object>({ maximumInterval: '1m' }),
};

type F = Flow<LoanTypes, typeof loanCalls>;

/** Reserves a book, waits until it is picked up, and reminds the reader when it is due. */
export async function loan(
  { book, reader, reservedFor, lentFor }: LoanTypes['input'],
  f: F,
): Promise<LoanTypes['result']> {
  f.compensate('put-back', (f) => putBack(book, reader, f));
  const lent = await f.entity(Book, book).send({ type: 'Lend', data: { reader } });
  if (lent.status === 'rejected') throw new FlowFailure(lent.code, lent.detail);

  const pickedUp = await f.receive('PickedUp', { timeout: reservedFor });
  if (!pickedUp) throw new FlowFailure('LOAN.NOT_PICKED_UP', `${reader} did not come`);
  f.commit(); // From here on the reader has the book, whatever becomes of the loan.

  await f.sleep(lentFor, 'lent');
  await f.call('remind', { reader, book });
  return { remindedAt: f.now() };
}

/** Asks first, because the book may have been refused: then somebody else has it. */
async function putBack(book: string, reader: string, f: F): Promise<void> {
  const state = await f.entity(Book, book).ask();
  if (state?.['reader'] === reader) await f.entity(Book, book).send({ type: 'Return', data: {} });
}
