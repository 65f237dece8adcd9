import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { runEntity } from '#libs/entity/workflow/entity.workflow.js';
import { createCheckoutDecider } from '../domain/checkout.saga.js';

export async function checkout(input: EntityInput): Promise<void> {
  // The loop only folds; when a checkout has to give up is the activity's business.
  return runEntity(createCheckoutDecider(0), input);
}
