import type { DynamicModule } from '@nestjs/common';
import { Client } from '@temporalio/client';
import { Pool } from 'pg';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { SchedulesController } from './schedules.controller.js';
import { Schedules } from './schedules.js';

class SchedulesModule {}

/** The routes of the schedules of all services. One service has them. */
export function schedulesModule(): DynamicModule {
  return {
    module: SchedulesModule,
    controllers: [SchedulesController],
    providers: [
      {
        provide: Schedules,
        inject: [Client, Pool, RequestLog],
        useFactory: (client: Client, pool: Pool, { logger }: RequestLog) =>
          new Schedules(client, pool, logger),
      },
    ],
  };
}
