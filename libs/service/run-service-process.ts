import type { z } from 'zod';
import { ConfigError } from '#libs/api/http/read-config.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import {
  endAtUncaughtErrors,
  LONGEST_SHUTDOWN_MILLISECONDS,
  stopOnSignal,
} from '#libs/api/http/run-service.js';
import { transportOf } from '#libs/api/http/transport.js';
import { createLogger } from '#libs/runtime/logger.js';
import { measureProcess } from '#libs/runtime/process-metrics.js';
import { assertCallbackSecret } from './callback-config.js';
import { readProcessSettings } from './config-file/process-settings.js';
import type { Service } from './service.js';
import type { ServiceConfig } from './service-config.js';
import { serviceModule } from './service-module.js';

/**
 * Runs the process of a service: reads the environment and the configuration file, starts the
 * service and stops it on SIGTERM or SIGINT. If a setting is invalid, prints one line that says
 * where it is and exits with code 1.
 */
export async function runServiceProcess<Config extends ServiceConfig>(
  name: string,
  schema: z.ZodObject & z.ZodType<Config>,
  service: (config: Config) => Service,
): Promise<void> {
  const logger = createLogger(name);
  endAtUncaughtErrors(logger);
  try {
    const { config, ...settings } = readProcessSettings(name, schema, process.env);
    measureProcess(name);
    const hosted = service(config);
    assertCallbackSecret(hosted, config);
    const module = serviceModule(hosted, { config, logger, ...settings });
    const app = await createHttpApp(module, logger, transportOf(config, logger));
    await app.listen(config.PORT, config.HOST);
    logger.info({ port: config.PORT, roles: config.ROLES }, `the ${name} service is up`);
    // The application limits each of its own steps, so this single step may take the whole time.
    stopOnSignal([[app]], logger, LONGEST_SHUTDOWN_MILLISECONDS);
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else logger.fatal({ err: error }, `the ${name} service cannot start`);
    process.exit(1);
  }
}
