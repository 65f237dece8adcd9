import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { bookDecider } from '../../01-an-entity/domain/book.decider.js';
import { loan as main, Loan, loanCalls } from '../flows/loan.flow.js';

export const book = entityWorkflow(bookDecider);
export const loan = flow(Loan, main, { calls: loanCalls });
export { relay } from '#libs/relay/workflow/relay.workflow.js';
