import type { DynamicModule } from '@nestjs/common';
import type { WebhookProvider } from './webhook-providers.js';
import { WebhookProviders, WebhooksController } from './webhooks.controller.js';

class WebhooksModule {}

/** The route of webhooks. */
export function webhooksModule(byName: ReadonlyMap<string, WebhookProvider>): DynamicModule {
  return {
    module: WebhooksModule,
    controllers: [WebhooksController],
    providers: [{ provide: WebhookProviders, useValue: new WebhookProviders(byName) }],
  };
}
