import { describe, expect, it } from '@jest/globals';
import type { StockRow } from '#contracts/stock-import/stock-row.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { keyOf } from '#libs/core/envelope.js';
import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { applyRows } from './apply-rows.js';
import type { NumberedRow } from './row-buckets.js';

const at = toTimestamp(0);
const trace = { correlationId: 'c-1', onBehalfOf: 'will' };
const of = { stream: 'stockImport-acme.csv-1', hash: 'a'.repeat(64), trace };
const receive = (line: number, sku = 'cd', quantity = 1): NumberedRow => {
  return { line, row: { sku, command: 'receive', quantity } };
};

/** Items that decide each command once, by its key. */
function items(decide: (envelope: CommandEnvelope) => Partial<Receipt> = () => ({ status: 'accepted' })) {
  const messages: { readonly stream: string; readonly envelopes: readonly CommandEnvelope[] }[] = [];
  const decided = new Map<string, Receipt>();
  const execute = async (stream: string, envelopes: readonly CommandEnvelope[]) => {
    messages.push({ stream, envelopes });
    return envelopes.map((envelope) => {
      const { commandId } = envelope;
      const known = decided.get(keyOf(envelope));
      const receipt = {
        commandId,
        revision: decided.size,
        at,
        actor: '',
        events: [],
        ...decide(envelope),
      } as Receipt;
      decided.set(keyOf(envelope), known ?? receipt);
      return known ?? receipt;
    });
  };
  return { messages, decided, door: { execute } };
}

describe('the rows of an import', () => {
  it('become commands of their items, on behalf of the caller', async () => {
    const adjust: StockRow = { sku: 'mc', command: 'adjust', quantity: -2, reason: 'broken' };
    const { messages, door } = items();
    const outcomes = await applyRows(door, [receive(2), { line: 3, row: adjust }], of);
    expect(messages).toMatchObject([
      { stream: 'inventory-acme.cd', envelopes: [{ type: 'Receive', data: { quantity: 1 } }] },
      { stream: 'inventory-acme.mc', envelopes: [{ type: 'Adjust', data: { by: -2, reason: 'broken' } }] },
    ]);
    const [envelope] = messages[0]?.envelopes ?? [];
    expect(envelope).toMatchObject({ actor: of.stream, sender: of.stream, ...trace });
    expect(outcomes).toMatchObject([
      { outcome: 'done', record: { line: 2, sku: 'cd', commandId: envelope?.commandId, revision: 0 } },
      { outcome: 'done', record: { line: 3, sku: 'mc' } },
    ]);
  });

  it('go in messages of at most 100 commands of one item, in their order', async () => {
    const rows = Array.from({ length: 250 }, (_, index) => receive(index, index % 5 === 0 ? 'mc' : 'cd'));
    const { messages, door } = items();
    await applyRows(door, rows, of);
    expect(messages.map(({ envelopes }) => envelopes.length).toSorted((a, b) => a - b)).toEqual([
      50, 100, 100,
    ]);
    const lines = messages
      .filter(({ stream }) => stream.endsWith('.cd'))
      .flatMap(({ envelopes }) => envelopes.map(({ causationId }) => Number(causationId.split('/')[1])));
    expect(lines).toEqual(rows.filter(({ row }) => row.sku === 'cd').map(({ line }) => line));
  });

  it('change nothing when the file is imported again, by whichever import', async () => {
    const rows = [receive(2), receive(3), receive(4, 'mc')];
    const { decided, door } = items();
    const first = await applyRows(door, rows, of);
    const again = await applyRows(door, rows.toReversed(), { ...of, stream: `${of.stream}.2` });
    expect(decided.size).toBe(3);
    expect(again.toReversed()).toEqual(first);
  });

  it('count by themselves, even if two lines say the same, or two files do', async () => {
    const { decided, door } = items();
    await applyRows(door, [receive(2), receive(3)], of);
    await applyRows(door, [receive(2)], { ...of, hash: 'b'.repeat(64) });
    expect(decided.size).toBe(3);
  });

  it('are rejected or have failed one by one, with their reasons', async () => {
    const { door } = items(({ data }) => {
      if (data['quantity'] === 7) return { status: 'rejected', code: 'STOCK.LIMIT', detail: 'too many' };
      if (data['quantity'] === 8) return { status: 'failed', code: 'INTERNAL.DEFECT', detail: 'a bug' };
      return { status: 'accepted' };
    });
    const rows = [receive(2), receive(3, 'cd', 7), receive(4, 'cd', 8), receive(5)];
    expect(await applyRows(door, rows, of)).toMatchObject([
      { outcome: 'done' },
      { outcome: 'rejected', code: 'STOCK.LIMIT', detail: 'too many', record: { line: 3, sku: 'cd' } },
      { outcome: 'failed', code: 'INTERNAL.DEFECT', record: { line: 4 } },
      { outcome: 'done' },
    ]);
  });

  it.each<[string, Partial<Receipt>]>([
    ['are not decided yet', { status: 'pending' }],
    ['may have been decided', { status: 'rejected', code: 'COMMAND.OUTCOME_UNKNOWN', detail: 'behind' }],
  ])('that %s are sent again', async (_, receipt) => {
    const { door } = items(() => receipt);
    await expect(applyRows(door, [receive(2)], of)).rejects.toThrow();
  });
});
