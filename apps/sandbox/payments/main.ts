import { runSandbox, sandboxConfig } from '../run-sandbox.js';
import { createPaymentSandbox } from './payment-sandbox.js';

await runSandbox('payment-sandbox', sandboxConfig(3008, 'payments.jsonl'), async (config, logger) => {
  const server = createPaymentSandbox(config.SANDBOX_FILE, logger);
  await server.listen({ port: config.PORT, host: config.HOST });
  return [server];
});
