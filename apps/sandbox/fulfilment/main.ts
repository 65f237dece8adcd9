import { ConfigError, readConfig } from '#libs/api/http/read-config.js';
import { stopOnSignal } from '#libs/api/http/run-service.js';
import { createLogger } from '#libs/runtime/logger.js';
import { fulfilmentSandboxConfig } from './fulfilment-sandbox.config.js';
import { createFulfilmentSandbox } from './fulfilment-sandbox.js';

const logger = createLogger('sandbox');

try {
  const { PORT, HOST, SANDBOX_FILE } = readConfig(fulfilmentSandboxConfig, process.env);
  const server = createFulfilmentSandbox(SANDBOX_FILE, logger);
  await server.listen({ port: PORT, host: HOST });
  stopOnSignal([[server]], logger);
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else logger.fatal({ err: error }, 'the sandbox cannot start');
  process.exit(1);
}
