import type { DynamicModule } from '@nestjs/common';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { BulkDecideController } from './bulk-decide.controller.js';
import { BulkDecisions } from './bulk-decisions.js';

class BulkModule {}

/** The route of many decisions at a time. */
export function bulkModule(): DynamicModule {
  return {
    module: BulkModule,
    controllers: [BulkDecideController],
    providers: [
      {
        provide: BulkDecisions,
        inject: [EntityGateway, RequestLog],
        useFactory: (gateway: EntityGateway, { logger }: RequestLog) => new BulkDecisions(gateway, logger),
      },
    ],
  };
}
