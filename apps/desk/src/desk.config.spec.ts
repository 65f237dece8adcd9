import { describe, expect, it } from '@jest/globals';
import { readConfig } from '#libs/api/http/read-config.js';
import { deskConfig, linkConfig } from './desk.config.js';

const links = (environment: NodeJS.ProcessEnv) => linkConfig(readConfig(deskConfig, environment));
const [current, before] = ['c'.repeat(32), 'b'.repeat(32)];

describe('the links in mails', () => {
  it('are not configured without an address book', () => {
    expect(links({})).toBeUndefined();
    expect(links({ LINK_SECRET: current })).toBeUndefined();
  });

  it('are signed with the secret, and the one before still counts', () => {
    const book = { ADDRESS_BOOK_PATH: 'book.json', LINK_SECRET: current };
    expect(links(book)).toEqual({ addressBook: 'book.json', secrets: [current], validSeconds: 259_200 });
    expect(links({ ...book, LINK_SECRET_BEFORE: before, LINK_HOURS: '1' })).toMatchObject({
      secrets: [current, before],
      validSeconds: 3_600,
    });
  });

  it.each([
    ['no secret', {}, /^LINK_SECRET: is missing; it signs/],
    ['a short secret', { LINK_SECRET: 'short' }, /^LINK_SECRET: must have at least 32 characters/],
    ['a secret of two lines', { LINK_SECRET: `${current}\n${before}` }, /^LINK_SECRET: must have/],
    [
      'a short one before',
      { LINK_SECRET: current, LINK_SECRET_BEFORE: 'x' },
      /^LINK_SECRET_BEFORE: must have/,
    ],
  ])('are refused with one line: %s', (_, more, message) => {
    expect(() => links({ ADDRESS_BOOK_PATH: 'book.json', ...more })).toThrow(message);
  });
});
