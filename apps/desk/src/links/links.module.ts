import type { DynamicModule } from '@nestjs/common';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { ApprovalLinks } from './approval-links.js';
import { ApprovalLinksController } from './approval-links.controller.js';
import type { FindAddress } from './address-book.js';
import type { LinkTokens } from './link-tokens.js';

class LinksModule {}

/** The routes of links. */
export function linksModule(tokens: LinkTokens, addressOf: FindAddress): DynamicModule {
  return {
    module: LinksModule,
    controllers: [ApprovalLinksController],
    providers: [
      {
        provide: ApprovalLinks,
        inject: [EntityGateway],
        useFactory: (gateway: EntityGateway) => new ApprovalLinks(tokens, addressOf, gateway),
      },
    ],
  };
}
