import { describe, expect, it } from '@jest/globals';
import { type ApprovalLink, LinkTokens } from './link-tokens.js';

const secret = 's'.repeat(32);
const link: ApprovalLink = {
  stream: 'approval-default.a-1',
  person: 'tom',
  choice: 'approve',
  contentHash: 'a'.repeat(64),
  expiresAt: 1_000,
  nonce: 'n'.repeat(22),
};
const before = 999_999;
const tokens = new LinkTokens([secret]);
const token = tokens.sign(link);

describe('a token', () => {
  it('says what it was signed for, until it expires', () => {
    expect(tokens.read(token, before)).toEqual(link);
    expect(tokens.read(token, 1_000_000)).toBe('expired');
  });

  it.each([
    ['with another person', { person: 'eve' }],
    ['for another approval', { stream: 'approval-default.a-2' }],
    ['in another tenant', { stream: 'approval-acme.a-1' }],
    ['for the other choice', { choice: 'reject' }],
    ['for another content', { contentHash: 'b'.repeat(64) }],
    ['that lasts longer', { expiresAt: 2_000 }],
    ['under another nonce', { nonce: 'm'.repeat(22) }],
  ] as const)('does not count %s', (_, change) => {
    const [payload] = new LinkTokens(['x']).sign({ ...link, ...change }).split('.');
    expect(tokens.read(`${payload}.${token.split('.')[1]}`, before)).toBe('forged');
  });

  it.each([
    ['nothing', ''],
    ['no signature', token.slice(0, token.indexOf('.'))],
    ['a signature with one bit changed', flipped(token)],
    ['another way to write the same bytes', `${token}=`],
    ['any text', 'not a token'],
    ['a long text', 'x'.repeat(10_000)],
  ])('does not count if it is %s', (_, text) => {
    expect(tokens.read(text, before)).toBe('forged');
  });

  it('does not count if another secret has signed it', () => {
    expect(new LinkTokens(['o'.repeat(32)]).read(token, before)).toBe('forged');
    expect(new LinkTokens([]).read(token, before)).toBe('forged');
  });

  it('counts while its secret is the one before', () => {
    const changed = new LinkTokens(['n'.repeat(32), secret]);
    expect(changed.read(token, before)).toEqual(link);
    expect(tokens.read(changed.sign(link), before)).toBe('forged');
  });

  it('names nothing but an approval', () => {
    const other = tokens.sign({ ...link, stream: 'account-default.alice' });
    expect(tokens.read(other, before)).toBe('forged');
  });
});

function flipped(text: string): string {
  const at = text.indexOf('.') + 1;
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
