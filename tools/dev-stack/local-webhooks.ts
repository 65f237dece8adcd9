import { localSecret } from './local-secret.js';

/** The name under which the desk service knows the payment sandbox. */
const PROVIDER = 'card';
const VARIABLES = ['WEBHOOK_PROVIDERS', 'WEBHOOK_PROVIDERS_FILE', 'CARD_WEBHOOKS', 'WEBHOOK_URL'];

/**
 * The environment with which the payment sandbox sends its webhooks to the desk service, and card
 * payments wait for them, with a secret that is made once. Nothing, if the environment has any of
 * that.
 */
export function localWebhooks(url: string, home: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (VARIABLES.some((name) => environment[name] !== undefined)) return {};
  const file = localSecret(home, 'webhook-secret', (bytes) => `whsec_${bytes.toString('base64')}`);
  return {
    WEBHOOK_PROVIDERS: JSON.stringify({ [PROVIDER]: { secretsFile: file, key: '/id' } }),
    CARD_WEBHOOKS: PROVIDER,
    WEBHOOK_URL: `${url}/v1/callbacks/${PROVIDER}`,
    WEBHOOK_SECRET_FILE: file,
  };
}
