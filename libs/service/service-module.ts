import type { DynamicModule } from '@nestjs/common';
import { EntityModule } from './entity.module.js';
import { PerdureModule } from './perdure.module.js';
import type { PerdureOptions } from './perdure-options.js';
import type { Service } from './service.js';

class ServiceModule {}

/** The root module of a service. Without the API role it serves health and metrics only. */
export function serviceModule(
  { entities, modules = [], ...service }: Service,
  process: Pick<PerdureOptions, 'config' | 'logger' | 'workers' | 'process' | 'atStep'>,
): DynamicModule {
  const routes = process.config.ROLES.includes('api');
  return {
    module: ServiceModule,
    imports: [
      PerdureModule.forRoot({ ...service, ...process }),
      ...entities.map((entity) => EntityModule.forFeature(entity, { routes })),
      ...(routes ? modules : []),
    ],
  };
}
