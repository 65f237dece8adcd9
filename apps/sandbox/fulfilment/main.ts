import { runSandbox, sandboxConfig } from '../run-sandbox.js';
import { createFulfilmentSandbox } from './fulfilment-sandbox.js';

await runSandbox('sandbox', sandboxConfig(3009, 'orders.jsonl'), async (config, logger) => {
  const server = createFulfilmentSandbox(config.SANDBOX_FILE, logger);
  await server.listen({ port: config.PORT, host: config.HOST });
  return [server];
});
