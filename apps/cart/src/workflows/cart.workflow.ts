import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { runEntity } from '#libs/entity/workflow/entity.workflow.js';
import { cartFolding } from '../domain/cart.decider.js';

export async function cart(input: EntityInput): Promise<void> {
  return runEntity(cartFolding, input);
}
