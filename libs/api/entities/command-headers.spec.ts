import { describe, expect, it } from '@jest/globals';
import { ProblemError } from '#libs/core/problem-error.js';
import { commandHeaders } from './command-headers.js';

const refused = (read: () => unknown): ProblemError => {
  try {
    read();
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('it was taken');
};

describe('Prefer', () => {
  it.each([
    ['wait=10', 10, 'wait=10'],
    ['wait="5"', 5, 'wait=5'],
    ['Wait = 5', 5, 'wait=5'],
    ['wait=5; foo=bar', 5, 'wait=5'],
    ['respond-async, wait=10', 10, 'wait=10'],
    ['return=minimal, wait=7, wait=9', 7, 'wait=7'],
    ['wait=86400', 30, 'wait=30'],
    ['wait=0', undefined, 'wait=0'],
    ['respond-async', undefined, 'respond-async'],
    ['wait=soon', undefined, undefined],
    ['wait=-1', undefined, undefined],
    ['wait', undefined, undefined],
    ['', undefined, undefined],
  ])('%s', (prefer, waitSeconds, preferenceApplied) => {
    expect(commandHeaders({ prefer })).toMatchObject({ waitSeconds, preferenceApplied });
  });

  it('may be absent', () => {
    expect(commandHeaders({})).toEqual({
      waitSeconds: undefined,
      preferenceApplied: undefined,
      idempotencyKey: undefined,
      expectedRevision: undefined,
    });
  });
});

describe('Idempotency-Key', () => {
  it.each([
    ['pay-in-1', 'pay-in-1'],
    ['"pay-in-1"', 'pay-in-1'],
    ['"with \\"quotes\\" and \\\\"', 'with "quotes" and \\'],
    ['two words', 'two words'],
    ['k'.repeat(255), 'k'.repeat(255)],
  ])('%s is the key %s', (header, key) => {
    expect(commandHeaders({ 'idempotency-key': header }).idempotencyKey).toBe(key);
  });

  it.each([
    ['empty', ''],
    ['empty in quotes', '""'],
    ['too long', 'k'.repeat(256)],
    ['not ASCII', 'schlüssel'],
    ['a tab', 'a\tb'],
    ['half quoted', '"abc'],
    ['quoted twice', '"a"b"'],
    ['blank at its end', '"a "'],
  ])('is refused when %s', (_, header) => {
    const problem = refused(() => commandHeaders({ 'idempotency-key': header }));
    expect(problem).toMatchObject({
      status: 400,
      code: 'REQUEST.INVALID_HEADER',
      extras: { errors: [{ header: 'Idempotency-Key' }] },
    });
  });
});

describe('If-Match', () => {
  it('names the revision a command is meant for', () => {
    expect(commandHeaders({ 'if-match': '"17"' }).expectedRevision).toBe(17);
  });

  it('has no effect as *', () => {
    expect(commandHeaders({ 'if-match': '*' }).expectedRevision).toBeUndefined();
  });

  it.each(['W/"17"', '17', '"17", "18"', '"abc"'])('is refused as %s', (header) => {
    const problem = refused(() => commandHeaders({ 'if-match': header }));
    expect(problem).toMatchObject({ status: 400, extras: { errors: [{ header: 'If-Match' }] } });
  });
});
