import { describe, expect, it } from '@jest/globals';
import { etagOf, isNoneMatch, revisionIn } from './etag.js';

describe('If-Match', () => {
  it('names a revision by one strong ETag', () => {
    expect(revisionIn('"17"')).toBe(17);
    expect(revisionIn(' "0" ')).toBe(0);
    expect(revisionIn(etagOf(17))).toBe(17);
  });

  it.each(['W/"17"', '17', '"17", "18"', '"x"', '""', '"-1"', '"1.0"', '"9999999999999999"', '*', ''])(
    'names none by %s',
    (value) => expect(revisionIn(value)).toBeUndefined(),
  );
});

describe('If-None-Match', () => {
  it.each(['"17"', 'W/"17"', '"1", "17"', 'W/"1","17"', '*'])('%s matches revision 17', (value) => {
    expect(isNoneMatch(value, '"17"')).toBe(false);
  });

  it.each([undefined, '', '"1"', '"1", W/"170"', '17', '"17'])('%s does not', (value) => {
    expect(isNoneMatch(value, '"17"')).toBe(true);
  });
});
