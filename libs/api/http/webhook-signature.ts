import { createHmac, timingSafeEqual } from 'node:crypto';

/** The headers of a webhook, as the Standard Webhooks specification names them. */
export const WEBHOOK_HEADERS = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const;

/** What the signature of a webhook covers. */
export interface SignedWebhook {
  readonly id: string;
  /** Seconds since 1970, as the header has them. */
  readonly timestamp: string;
  /** Exactly the bytes that are sent. */
  readonly body: Buffer;
}

const SECRET = /^whsec_(?<bytes>[A-Za-z0-9+/]+={0,2})$/;
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
/** The only version with a shared secret. */
const VERSION = 'v1,';

/** The bytes of a secret: `whsec_` and 24 to 64 bytes in Base64. Undefined for any other text. */
export function secretBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(SECRET.exec(text)?.groups?.['bytes'] ?? '', 'base64');
  return bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES ? bytes : undefined;
}

/** Signs a webhook: the value of `webhook-signature`. */
export function signWebhook(secret: Buffer, { id, timestamp, body }: SignedWebhook): string {
  const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return `${VERSION}${digest}`;
}

/** Whether one of the signatures in a header was made with one of the secrets. */
export function isSignedWith(
  secrets: readonly Buffer[],
  webhook: SignedWebhook,
  signatures: string,
): boolean {
  const right = secrets.map((secret) => Buffer.from(signWebhook(secret, webhook)));
  return signatures.split(' ').some((given) => {
    const bytes = Buffer.from(given);
    return right.some((one) => one.length === bytes.length && timingSafeEqual(one, bytes));
  });
}
