import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { runEntity } from '#libs/entity/workflow/entity.workflow.js';
import { inventoryDecider } from '../domain/inventory.decider.js';

export async function inventory(input: EntityInput): Promise<void> {
  return runEntity(inventoryDecider, input);
}
