import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { callerId, contentHash } from '#contracts/approval/approval.fields.js';
import { stream } from '#contracts/fields.js';

/** What a link is for: that this person makes this choice, once, on this content. */
export interface ApprovalLink {
  /** The approval's stream, which also names its tenant. */
  readonly stream: string;
  readonly person: string;
  readonly choice: 'approve' | 'reject';
  readonly contentHash: string;
  /** In seconds since 1970. */
  readonly expiresAt: number;
  /** The same in both links of a mail, and no secret. Only one of the two counts. */
  readonly nonce: string;
}

/** Separates these signatures from any others that are made with the same secret. */
const PURPOSE = 'perdure approval link v1';
const TOKEN = /^([A-Za-z0-9_-]{1,2000})\.([A-Za-z0-9_-]{43})$/;

const parts = z.tuple([
  stream.startsWith('approval-'),
  callerId,
  z.enum(['approve', 'reject']),
  contentHash,
  z.int().min(0),
  z.string().regex(/^[A-Za-z0-9_-]{22}$/),
]);

/**
 * Signs links and checks them. The first secret signs, all of them count: to change the secret, put
 * the new one in front of the old one until the links of the old one have expired.
 */
export class LinkTokens {
  constructor(private readonly secrets: readonly string[]) {}

  sign({ stream: of, person, choice, contentHash: hash, expiresAt, nonce }: ApprovalLink): string {
    const [secret] = this.secrets;
    if (secret === undefined) throw new TypeError('there is no secret to sign links with');
    const text = JSON.stringify([of, person, choice, hash, expiresAt, nonce]);
    const payload = Buffer.from(text).toString('base64url');
    return `${payload}.${signature(secret, payload)}`;
  }

  /** What a token was signed for; in words, if it does not count. */
  read(token: string, nowMilliseconds: number): ApprovalLink | 'forged' | 'expired' {
    const [, payload = '', signed = ''] = TOKEN.exec(token) ?? [];
    // All are compared, so that the time tells nothing.
    const fits = this.secrets.map((secret) => isSame(signature(secret, payload), signed));
    if (!fits.includes(true)) return 'forged';
    const { data } = parts.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    if (!data) return 'forged';
    const [of, person, choice, hash, expiresAt, nonce] = data;
    if (expiresAt * 1_000 <= nowMilliseconds) return 'expired';
    return { stream: of, person, choice, contentHash: hash, expiresAt, nonce };
  }
}

function signature(secret: string, payload: string): string {
  return createHmac('sha256', secret).update(`${PURPOSE}\n${payload}`).digest('base64url');
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
