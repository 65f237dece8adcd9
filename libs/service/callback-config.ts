import { z } from 'zod';
import { ConfigError } from '#libs/api/http/read-config.js';
import type { CallbackPlace } from '#libs/core/callback-place.js';
import { CallbackTokens } from '#libs/flow/callbacks/callback-tokens.js';
import type { Service } from './service.js';
import { signingSecret } from './signing-secret.js';

/** The environment variables of callback addresses. */
export const callbackVariables = {
  /** The address of the front server, as the world outside reaches it. */
  PERDURE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .default('http://127.0.0.1:3000'),
  /** Signs callback addresses. */
  CALLBACK_SECRET: signingSecret,
  /** The secret before it, while addresses that it has signed are open. */
  CALLBACK_SECRET_BEFORE: signingSecret,
};

type CallbackConfig = z.output<z.ZodObject<typeof callbackVariables>>;

/** What signs and reads tokens. Undefined without a secret. */
export function callbackTokensOf(config: CallbackConfig): CallbackTokens | undefined {
  const { CALLBACK_SECRET: secretNow, CALLBACK_SECRET_BEFORE: before } = config;
  if (secretNow === undefined) return undefined;
  return new CallbackTokens([secretNow, ...(before === undefined ? [] : [before])]);
}

/** Makes callback addresses with their tokens. Undefined without a secret. */
export function callbackUrlOf(config: CallbackConfig): ((of: CallbackPlace) => string) | undefined {
  const tokens = callbackTokensOf(config);
  if (!tokens) return undefined;
  const base = config.PERDURE_URL.replace(/\/+$/, '');
  return (of) => `${base}/v1/callback-addresses?token=${tokens.sign(of)}`;
}

/** Throws `ConfigError` if a service needs a secret and has none. */
export function assertCallbackSecret(
  { usesCallbackSecret = false }: Pick<Service, 'usesCallbackSecret'>,
  { CALLBACK_SECRET: given }: CallbackConfig,
): void {
  if (given !== undefined || !usesCallbackSecret) return;
  throw new ConfigError('CALLBACK_SECRET: is missing; it signs the addresses at which flows are called back');
}
