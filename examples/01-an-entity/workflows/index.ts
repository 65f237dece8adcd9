import { entityWorkflow } from '#libs/entity/workflow/entity.workflow.js';
import { bookDecider } from '../domain/book.decider.js';

export const book = entityWorkflow(bookDecider);

// The workflow that publishes the events of all entities in this bundle.
export { relay } from '#libs/relay/workflow/relay.workflow.js';
