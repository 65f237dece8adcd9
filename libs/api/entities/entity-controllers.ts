import type { Type } from '@nestjs/common';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { Present } from '#libs/core/public-state.js';
import type { Completions } from './completing-door.js';
import { dryRunController } from './dry-run.controller.js';
import { entityController } from './entity.controller.js';
import { pastController } from './past.controller.js';
import { receiptController } from './receipt.controller.js';

/** Makes the controllers with all routes of an entity, but for its lists, from its contract. */
export function entityControllers(
  contract: EntityContract,
  present: Present,
  complete?: Completions,
): readonly Type[] {
  return [
    entityController(contract, present, complete),
    receiptController(contract),
    pastController(contract, present),
    dryRunController(contract, present, complete),
  ];
}
