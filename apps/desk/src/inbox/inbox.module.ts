import type { DynamicModule } from '@nestjs/common';
import { Pool } from 'pg';
import { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { InboxController } from './inbox.controller.js';
import { Inbox } from './inbox.js';

class InboxModule {}

/** The route of the inbox. */
export function inboxModule(): DynamicModule {
  return {
    module: InboxModule,
    controllers: [InboxController],
    providers: [
      {
        provide: Inbox,
        inject: [Pool, EntityGateway],
        useFactory: (pool: Pool, gateway: EntityGateway) => new Inbox(pool, gateway),
      },
    ],
  };
}
