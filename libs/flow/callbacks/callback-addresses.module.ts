import type { DynamicModule } from '@nestjs/common';
import { Client } from '@temporalio/client';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { CallbackAddressesController } from './callback-addresses.controller.js';
import { CallbackReports } from './callback-reports.js';
import type { CallbackTokens } from './callback-tokens.js';

class CallbackAddressesModule {}

/**
 * The route of callback addresses, for the flows of all services. Without `tokens`, no address is
 * known.
 */
export function callbackAddressesModule(tokens: CallbackTokens | undefined): DynamicModule {
  return {
    module: CallbackAddressesModule,
    controllers: [CallbackAddressesController],
    providers: [
      {
        provide: CallbackReports,
        inject: [EntityGateway, Client],
        useFactory: (gateway: EntityGateway, client: Client) =>
          new CallbackReports({ tokens, gateway, client }),
      },
    ],
  };
}
