import { createHmac, timingSafeEqual } from 'node:crypto';

const TOKEN = /^([A-Za-z0-9_-]{1,2000})\.([A-Za-z0-9_-]{43})$/;

/**
 * Signs texts with HMAC-SHA256, and reads what it has signed: `<text in Base64url>.<signature>`.
 * The first secret signs, all of them count: to change the secret, put the new one in front of the
 * old one until what the old one has signed has expired.
 */
export class SignedTexts {
  /** `purpose` separates these signatures from any others that are made with the same secret. */
  constructor(
    private readonly purpose: string,
    private readonly secrets: readonly string[],
  ) {}

  sign(text: string): string {
    const [secret] = this.secrets;
    if (secret === undefined) throw new TypeError('there is no secret to sign with');
    const payload = Buffer.from(text).toString('base64url');
    return `${payload}.${this.signature(secret, payload)}`;
  }

  /** The text of a token, or undefined if none of the secrets has signed it. */
  read(token: string): string | undefined {
    const [, payload = '', signed = ''] = TOKEN.exec(token) ?? [];
    // All are compared, so that the time tells nothing.
    const fits = this.secrets.map((secret) => isSame(this.signature(secret, payload), signed));
    return fits.includes(true) ? Buffer.from(payload, 'base64url').toString() : undefined;
  }

  private signature(secret: string, payload: string): string {
    return createHmac('sha256', secret).update(`${this.purpose}${payload}`).digest('base64url');
  }
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
