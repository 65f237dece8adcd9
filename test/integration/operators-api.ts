import { RouterModule } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import type { Caller } from '#libs/identity/caller.js';
import { OperatedViews } from '#libs/operations/views/operated-views.js';
import { RebuildController } from '#libs/operations/views/rebuild.controller.js';
import { RebuildOperations } from '#libs/operations/views/rebuild-operations.js';
import { ParkingController } from '#libs/operations/views/parking.controller.js';
import { ViewOperationsController } from '#libs/operations/views/view-operations.controller.js';
import { ViewOperations } from '#libs/operations/views/view-operations.js';
import type { Ledger } from './read-model-kit.js';
import { logger } from './read-path-kit.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

/** Takes every request for one of the same operator. */
class OneOperator extends Authenticator {
  async authenticate(): Promise<Caller> {
    return { tenant: 'default', id: 'tester', kind: 'user', roles: ['operator'] };
  }
}

/** The operator routes of a made-up view, without a port. */
export class OperatorsApi {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly key: string,
  ) {}

  static async over({ kafka, pool, store, view: own, key }: Ledger, view = own, lockMilliseconds?: number) {
    const views = new OperatedViews([view]);
    class OperatorsModule {}
    const module = {
      module: OperatorsModule,
      imports: [RouterModule.register([{ path: 'v1/operations/test', module: OperatorsModule }])],
      controllers: [ViewOperationsController, ParkingController, RebuildController],
      providers: [
        { provide: Authenticator, useClass: OneOperator },
        AccessControl,
        { provide: RequestLog, useValue: { logger } },
        { provide: ViewOperations, useValue: new ViewOperations({ kafka, pool, store, views, logger }) },
        {
          provide: RebuildOperations,
          useValue: new RebuildOperations({ kafka, pool, views, lockMilliseconds }),
        },
      ],
    };
    const app = await createHttpApp(module, logger);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return new OperatorsApi(app, key);
  }

  /** A path below the view's own, such as `/parked`. With `body`, it is a POST. */
  async ask(path: string, body?: object): Promise<Answer> {
    return this.askAt(`views/${this.key}${path}`, body);
  }

  async askAt(path: string, body?: object): Promise<Answer> {
    const { statusCode, headers, payload } = await this.app.inject({
      method: body ? 'POST' : 'GET',
      url: `/v1/operations/test/${path}`,
      ...(body && { payload: body }),
    });
    return { status: statusCode, headers, body: JSON.parse(payload) as Record<string, unknown> };
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
