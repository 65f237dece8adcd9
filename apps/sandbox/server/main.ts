import { ConfigError, readConfig } from '#libs/api/http/read-config.js';
import { stopOnSignal } from '#libs/api/http/run-service.js';
import { createLogger } from '#libs/runtime/logger.js';
import { sandboxConfig } from './sandbox.config.js';
import { createSandbox } from './sandbox-server.js';

const logger = createLogger('sandbox');

try {
  const { PORT, HOST, SANDBOX_FILE } = readConfig(sandboxConfig, process.env);
  const server = createSandbox(SANDBOX_FILE, logger);
  await server.listen({ port: PORT, host: HOST });
  stopOnSignal([[server]], logger);
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else logger.fatal({ err: error }, 'the sandbox cannot start');
  process.exit(1);
}
