import { z } from 'zod';
import { callerId, contentHash } from '#contracts/approval/approval.fields.js';
import { stream } from '#contracts/fields.js';
import { SignedTexts } from '#libs/runtime/signed-texts.js';

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

const PURPOSE = 'perdure approval link v1\n';

const parts = z.tuple([
  stream.startsWith('approval-'),
  callerId,
  z.enum(['approve', 'reject']),
  contentHash,
  z.int().min(0),
  z.string().regex(/^[A-Za-z0-9_-]{22}$/),
]);

/** Signs links and checks them, with secrets that can be {@link SignedTexts replaced}. */
export class LinkTokens {
  private readonly texts: SignedTexts;

  constructor(secrets: readonly string[]) {
    this.texts = new SignedTexts(PURPOSE, secrets);
  }

  sign({ stream: of, person, choice, contentHash: hash, expiresAt, nonce }: ApprovalLink): string {
    return this.texts.sign(JSON.stringify([of, person, choice, hash, expiresAt, nonce]));
  }

  /** What a token was signed for; in words, if it does not count. */
  read(token: string, nowMilliseconds: number): ApprovalLink | 'forged' | 'expired' {
    const text = this.texts.read(token);
    if (text === undefined) return 'forged';
    const { data } = parts.safeParse(JSON.parse(text));
    if (!data) return 'forged';
    const [of, person, choice, hash, expiresAt, nonce] = data;
    if (expiresAt * 1_000 <= nowMilliseconds) return 'expired';
    return { stream: of, person, choice, contentHash: hash, expiresAt, nonce };
  }
}
