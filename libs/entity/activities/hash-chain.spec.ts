import { expect, it } from '@jest/globals';
import { eventHash, genesisHash } from '#libs/event-store/event-hash.js';
import { historyOf } from '#libs/testing/history.js';
import { deposited, opened } from '../../../apps/account/src/domain/account.fixture.js';
import { withHashes } from './hash-chain.js';

const stream = 'account-default.one';
const events = historyOf(stream, [opened, deposited(1)]);
const hashes = (of: readonly { metadata: { hash?: string } }[]) => of.map(({ metadata }) => metadata.hash);

it('links each event to the one before it, from the name of the stream on', () => {
  const [first, second] = events;
  const one = eventHash(genesisHash(stream), { revision: 0, ...first! });
  const two = eventHash(one, { revision: 1, ...second! });
  expect(hashes(withHashes(stream, { revision: -1 }, events))).toEqual([one, two]);
});

it('continues the chain of what was folded', () => {
  const [, second] = events;
  const whole = hashes(withHashes(stream, { revision: -1 }, events));
  expect(hashes(withHashes(stream, { revision: 0, hash: whole[0]! }, [second!]))).toEqual([whole[1]]);
});

it('starts no chain in the middle of a stream', () => {
  expect(hashes(withHashes(stream, { revision: 3 }, events))).toEqual([undefined, undefined]);
});
