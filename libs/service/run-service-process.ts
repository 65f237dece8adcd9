import type { z } from 'zod';
import { ConfigError, readConfig } from '#libs/api/http/read-config.js';
import { stopOnSignal } from '#libs/api/http/run-service.js';
import { createLogger } from '#libs/runtime/logger.js';
import { measureProcess } from '#libs/runtime/process-metrics.js';
import type { Service } from './service.js';
import type { ServiceConfig } from './service-config.js';
import { startService } from './start-service.js';

/**
 * The whole life of a service's process: configuration from the environment, start, clean end at SIGTERM. A variable that
 * cannot be used ends it with one line that names the variable, and exit code 1.
 */
export async function runServiceProcess<Config extends ServiceConfig>(
  name: string,
  schema: z.ZodObject & z.ZodType<Config>,
  service: (config: Config) => Service,
): Promise<void> {
  const logger = createLogger(name);
  try {
    const config = readConfig(schema, process.env) as Config;
    measureProcess(name);
    stopOnSignal(await startService(service(config), config, logger), logger);
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else logger.fatal({ err: error }, `the ${name} service cannot start`);
    process.exit(1);
  }
}
