import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { bookDecider } from '../../01-an-entity/domain/book.decider.js';
import { bundleDecider } from '../domain/bundle.saga.js';

export const book = entityWorkflow(bookDecider);
export const bundle = entityWorkflow(bundleDecider);
export { relay } from '#libs/relay/workflow/relay.workflow.js';
