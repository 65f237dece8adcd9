import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { runEntity } from '#libs/entity/workflow/entity.workflow.js';
import { transferDecider } from '../domain/transfer.saga.js';

export async function transfer(input: EntityInput): Promise<void> {
  return runEntity(transferDecider, input);
}
