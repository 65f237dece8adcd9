import { once } from 'node:events';
import { portVariable } from '#libs/api/http/read-config.js';
import { runSandbox, sandboxConfig } from '../run-sandbox.js';
import { MailStore } from './mail-store.js';
import { createMailViewer } from './mail-viewer.js';
import { createSmtpSandbox } from './smtp-sandbox.js';

const config = sandboxConfig(3026, 'messages.jsonl').extend({ SMTP_PORT: portVariable(3025) });

await runSandbox('mail-sandbox', config, async ({ PORT, SMTP_PORT, HOST, SANDBOX_FILE }, logger) => {
  const store = new MailStore(SANDBOX_FILE);
  const smtp = createSmtpSandbox(store, logger);
  await once(smtp.listen(SMTP_PORT, HOST), 'listening');
  // It answers for the health of both, so it comes last.
  const viewer = createMailViewer(store, logger);
  await viewer.listen({ port: PORT, host: HOST });
  return [viewer, { close: () => new Promise((resolve) => smtp.close(() => resolve())) }];
});
