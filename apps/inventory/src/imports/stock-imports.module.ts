import type { DynamicModule } from '@nestjs/common';
import type { BlobStore } from '#libs/blob/blob-store.js';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { StockImportsController } from './stock-imports.controller.js';
import { StockImports } from './stock-imports.js';

class StockImportsModule {}

/** The routes of imports, whose files are kept in this store. */
export function stockImportsModule(blobs: BlobStore): DynamicModule {
  return {
    module: StockImportsModule,
    controllers: [StockImportsController],
    providers: [
      {
        provide: StockImports,
        inject: [EntityGateway],
        useFactory: (gateway: EntityGateway) => new StockImports(gateway, blobs),
      },
    ],
  };
}
