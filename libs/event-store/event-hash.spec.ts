import { describe, expect, it } from '@jest/globals';
import { BrokenChainError, eventHash, genesisHash, nextLink } from './event-hash.js';

const stream = 'account-default.alice';
const opened = {
  stream,
  revision: 0,
  id: 'a',
  type: 'AccountOpened',
  data: { owner: 'Alice', currency: 'EUR' },
};
const deposited = { stream, revision: 1, id: 'b', type: 'MoneyDeposited', data: { amount: 5 } };

describe('the hash of a stream', () => {
  it('can be recomputed by anyone from the events', () => {
    // printf 'account-default.alice' | sha256sum; then the same over that hash, a line feed and the
    // event's canonical JSON
    const genesis = 'f6d4d4a908a85fd46ff51259686342cda57b79cdce1f734bb4c1e99c8a02fcee';
    expect(genesisHash(stream)).toBe(genesis);
    expect(eventHash(genesis, opened)).toBe(
      '003c9570b67d367f814b6a53ffb6aed94c6fd7bb8f13fab022cc4dc5578555e6',
    );
  });

  it('depends on the name of the stream, and on all that makes each event', () => {
    const hashes = [
      eventHash(genesisHash(stream), opened),
      eventHash(genesisHash('account-default.bob'), opened),
      ...[
        { revision: 1 },
        { id: 'c' },
        { type: 'Opened' },
        { data: { owner: 'Alice', currency: 'USD' } },
      ].map((change) => eventHash(genesisHash(stream), { ...opened, ...change })),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('does not depend on the order of fields', () => {
    const turned = { ...opened, data: { currency: 'EUR', owner: 'Alice' } };
    expect(eventHash('x', turned)).toBe(eventHash('x', opened));
  });
});

describe('the next link', () => {
  const first = nextLink(undefined, opened);

  it('starts again with the first event, ignoring any previous hash', () =>
    expect(nextLink('something else', opened)).toBe(first));

  it('is computed for events from before there were hashes', () =>
    expect(nextLink(first, deposited)).toBe(eventHash(first ?? '', deposited)));

  it('is taken from the event when the previous hash is unknown', () => {
    expect(nextLink(undefined, deposited)).toBeUndefined();
    expect(nextLink(undefined, deposited, 'recorded')).toBe('recorded');
  });

  it('breaks where the event has another one', () => {
    const hash = nextLink(first, deposited);
    expect(nextLink(first, deposited, hash)).toBe(hash);
    const changed = { ...deposited, data: { amount: 6 } };
    expect(() => nextLink(first, changed, hash)).toThrow(BrokenChainError);
    expect(() => nextLink(undefined, opened, hash)).toThrow(BrokenChainError);
  });
});
