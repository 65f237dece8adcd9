import { ConfigError, readConfig } from '#libs/api/http/read-config.js';
import { endAtUncaughtErrors, stopOnSignal } from '#libs/api/http/run-service.js';
import { isLoopback } from '#libs/runtime/is-loopback.js';
import { createLogger } from '#libs/runtime/logger.js';
import { startTracing } from '#libs/service/tracing-config.js';
import { consoleConfig } from './console.config.js';
import { createFrontServer } from './front-server.js';

const logger = createLogger('console');
endAtUncaughtErrors(logger);

try {
  const config = readConfig(consoleConfig, process.env);
  if (config.LOCAL_ISSUER_URL !== undefined && !isLoopback(config.HOST)) {
    throw new ConfigError(`LOCAL_ISSUER_URL: is for loopback addresses only, and HOST is ${config.HOST}`);
  }
  const tracing = await startTracing('console', config, logger);
  const server = await createFrontServer(config, logger);
  await server.listen({ port: config.PORT, host: config.HOST });
  stopOnSignal([[{ close: async () => server.close() }], [tracing]], logger);
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else logger.fatal({ err: error }, 'the front server cannot start');
  process.exit(1);
}
