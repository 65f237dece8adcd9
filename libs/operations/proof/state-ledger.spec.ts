import { describe, expect, it } from '@jest/globals';
import { stateHash } from './state-hash.js';
import { StateLedger } from './state-ledger.js';

const stream = 'account-default.alice';

function record(revision: number, { version = 2, value = '{}', hash = `hash-${revision}` } = {}) {
  const headers = { ce_sequence: String(revision), ce_hash: hash, ce_dataversion: String(version) };
  const place = { topic: 't', partition: 3, offset: 7n, timestamp: 0 };
  return { ...place, key: stream, value, headers, raw: { key: null, value: null, headers: {} } };
}

function ledgerOf(...records: readonly ReturnType<typeof record>[]): StateLedger {
  const ledger = new StateLedger('t', 2);
  for (const one of records) expect(ledger.take(one)).toBeUndefined();
  return ledger;
}

describe('a topic of states', () => {
  it('shows the newest state, also while older ones pass by once more', () => {
    const ledger = ledgerOf(record(4), record(1), record(2));
    expect([ledger.revisionOf(stream), ledger.size]).toEqual([4, 1]);
  });

  it('shows of two states after one event the later one, as the broker keeps it', () => {
    const ledger = ledgerOf(record(4), record(4, { value: '{"b":1}' }));
    expect(ledger.latest(stream)?.digest).toBe(stateHash({ b: 1 }));
  });

  it('counts states of newer rules, and ignores those of older ones', () => {
    expect(ledgerOf(record(9, { version: 1 })).revisionOf(stream)).toBe(-1);
    expect(ledgerOf(record(9), record(3, { version: 3 }), record(10)).revisionOf(stream)).toBe(3);
  });

  it('is right about a stream of the same hash', () => {
    const ledger = ledgerOf(record(4));
    expect(ledger.compare(stream, 'hash-4')).toBeUndefined();
    expect(ledger.compare(stream, 'another')).toMatchObject({ kind: 'topic', stream, where: 't' });
  });

  it('shows nothing beyond the end of a stream', () => {
    const ledger = ledgerOf(record(4));
    expect([...ledger.beyond(() => 4)]).toEqual([]);
    expect([...ledger.beyond(() => 3)]).toMatchObject([{ kind: 'topic', stream }]);
  });

  it.each([
    ['a value that is no JSON', { value: 'x' }],
    ['no version', { headers: { ce_sequence: '1' } }],
    ['a revision that is no number', { headers: { ce_sequence: 'x', ce_dataversion: '2' } }],
    ['no value', { value: undefined }],
  ])('holds no record with %s', (_, part) => {
    const drift = new StateLedger('t', 2).take({ ...record(1), ...part });
    expect(drift).toMatchObject({
      kind: 'topic',
      stream,
      detail: 'the record at offset 7 of partition 3 is not a state',
    });
  });
});
