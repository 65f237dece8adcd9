import type { DynamicModule } from '@nestjs/common';
import type { Pool } from 'pg';
import { accountContract } from '#contracts/account/account.contract.js';
import type { EntityGateway } from '#libs/entity-client/entity-gateway.js';
import { createEntityController, gatewayToken } from '#libs/http/entity.controller.js';
import { createHealthController, HEALTH_CHECKS, type HealthCheck } from '#libs/http/health.controller.js';
import { createOpenApiController } from '#libs/http/openapi.controller.js';
import { ACCOUNTS_QUERIES, AccountsController, STATEMENT_QUERIES } from './api/accounts.controller.js';
import { accountOpenApi } from './api/account.openapi.js';
import { ReadYourWrites } from './api/read-your-writes.js';
import { presentAccount } from './domain/account.view.js';
import { createAccountsQueries } from './read-model/accounts/accounts.queries.js';
import { createStatementQueries } from './read-model/statement/statement.queries.js';

/** What the routes are made of; without a gateway the process answers for its health only. */
export interface AccountModuleParts {
  readonly pool: Pool;
  readonly gateway: EntityGateway | undefined;
  readonly healthChecks: readonly HealthCheck[];
}

class AccountModule {}

/** The account's HTTP side. */
export function accountModule({ pool, gateway, healthChecks }: AccountModuleParts): DynamicModule {
  const health = {
    controllers: [createHealthController()],
    providers: [{ provide: HEALTH_CHECKS, useValue: healthChecks }],
  };
  if (!gateway) return { module: AccountModule, ...health };
  return {
    module: AccountModule,
    controllers: [
      ...health.controllers,
      createOpenApiController(accountOpenApi()),
      AccountsController,
      createEntityController(accountContract, presentAccount),
    ],
    providers: [
      ...health.providers,
      { provide: gatewayToken(accountContract), useValue: gateway },
      { provide: ACCOUNTS_QUERIES, useValue: createAccountsQueries(pool) },
      { provide: STATEMENT_QUERIES, useValue: createStatementQueries(pool) },
      { provide: ReadYourWrites, useValue: new ReadYourWrites(pool) },
    ],
  };
}
