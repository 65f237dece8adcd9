import type { EntityDefinition } from '#libs/service/service.js';
import { bookContract } from './book.contract.js';
import { bookDecider } from './domain/book.decider.js';

/** The entity: its contract and rules, and how its state is shown. */
export const book: EntityDefinition = {
  contract: bookContract,
  decider: bookDecider,
  present: (state: object) => state,
  views: [],
  reads: [],
};
