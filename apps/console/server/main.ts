import { ConfigError, readConfig } from '#libs/api/http/read-config.js';
import { stopOnSignal } from '#libs/api/http/run-service.js';
import { createLogger } from '#libs/runtime/logger.js';
import { consoleConfig } from './console.config.js';
import { createFrontServer } from './front-server.js';

const logger = createLogger('console');

try {
  const config = readConfig(consoleConfig, process.env);
  const server = await createFrontServer(config, logger);
  await server.listen({ port: config.PORT, host: config.HOST });
  stopOnSignal([[{ close: async () => server.close() }]], logger);
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else logger.fatal({ err: error }, 'the front server cannot start');
  process.exit(1);
}
