import { entity } from '#libs/core/entity-in-effects.js';
import { sagaDecider } from '#libs/core/saga/saga.decider.js';
import type { SagaStep } from '#libs/core/saga/saga.js';
import { Book } from '../../01-an-entity/domain/book.kind.js';
import type { BundleInput } from '../bundle.contract.js';

/** Lends two books, one after the other. If the second is refused, the first is returned. */
export const bundleDecider = sagaDecider<BundleInput>({
  name: 'bundle',
  stateVersion: 1,
  patienceSeconds: 600,
  stages: ({ first, second, reader }) => [[lend(first, reader)], [lend(second, reader)]],
});

function lend(book: string, reader: string): SagaStep {
  return {
    name: `lend-${book}`,
    action: entity(Book, book).send({ type: 'Lend', data: { reader } }),
    compensation: () => entity(Book, book).send({ type: 'Return', data: {} }),
    nothingToUndo: ['BOOK.NOT_LENT', 'BOOK.UNKNOWN'],
  };
}
