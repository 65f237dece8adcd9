import { describe, expect, it } from '@jest/globals';
import { consistencyTokenOf, streamsOf } from './consistency-token.js';

const wanted = (header: string) => [...streamsOf(header, 'account', 'default')];

describe('a consistency token', () => {
  it('holds an entity and its revision', () => {
    const { 'consistency-token': token = '' } = consistencyTokenOf('account-default.alice', 17);
    expect(wanted(token)).toEqual([['account-default.alice', 17]]);
  });

  it('is absent while there is no revision', () => {
    expect(consistencyTokenOf('account-default.alice', -1)).toEqual({});
  });

  it('may be several, of which the highest of an entity counts', () => {
    const header = 'account-default.alice@2,account-default.bob@5, account-default.alice@1';
    expect(wanted(header)).toEqual([
      ['account-default.alice', 2],
      ['account-default.bob', 5],
    ]);
  });

  it('of another category or tenant asks nothing', () => {
    expect(wanted('cart-default.c1@3, account-other.alice@4')).toEqual([]);
  });

  it('that a list gave back, of an entity that it does not show yet, is taken', () => {
    expect(wanted('account-default.alice@-1')).toEqual([['account-default.alice', -1]]);
  });

  it.each([
    '',
    'alice',
    'account-default.x@',
    'account-default.x@-2',
    'account-default.a b@1',
    'account-default.x@1,',
  ])('is refused as "%s"', (header) => expect(() => wanted(header)).toThrow('back unchanged'));

  it('is refused when it is too many', () => {
    const header = Array.from({ length: 51 }, (_, index) => `account-default.a${index}@1`).join();
    expect(() => wanted(header)).toThrow('at most 50');
  });
});
