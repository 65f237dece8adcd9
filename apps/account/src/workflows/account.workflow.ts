import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { runEntity } from '#libs/entity/workflow/entity.workflow.js';
import { accountDecider } from '../domain/account.decider.js';

export async function account(input: EntityInput): Promise<void> {
  return runEntity(accountDecider, input);
}
