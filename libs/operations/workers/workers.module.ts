import type { DynamicModule } from '@nestjs/common';
import { Pool } from 'pg';
import { ProcessRegistry } from './process-registry.js';
import { WorkersController } from './workers.controller.js';

class WorkersModule {}

/** The routes of the processes of all services. One service has them. */
export function workersModule(): DynamicModule {
  return {
    module: WorkersModule,
    controllers: [WorkersController],
    providers: [
      { provide: ProcessRegistry, inject: [Pool], useFactory: (pool: Pool) => new ProcessRegistry(pool) },
    ],
  };
}
