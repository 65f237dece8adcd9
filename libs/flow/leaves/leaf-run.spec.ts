import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { BlobMissingError, BlobStoreUnavailableError } from '#libs/blob/blob-store.errors.js';
import type { BlobRef, BlobStore } from '#libs/blob/blob-store.js';
import { leafKind, type SpreadSource } from '#libs/core/flow/spread/spread.js';
import { UnavailableError } from '#libs/core/problems.js';
import type { LeafRequest } from '#libs/flow/protocol/spread-messages.js';
import { BatchTurns } from './batch-turns.js';
import { type AnyLeaf, type ItemOutcome, leaf, type LeafItem } from './leaf.js';
import { type LeafParts, LeafRun } from './leaf-run.js';
import { linesOf } from './segments.js';
import { writeItems, writeList } from './spread-items.js';

/** Blobs in memory. `fail` makes the next writes fail, as a killed process or a full disk does. */
class Blobs {
  readonly contents = new Map<string, Buffer>();
  failing = 0;

  put(owner: string, content: Uint8Array): Promise<BlobRef> {
    if ((this.failing -= 1) === 0) return Promise.reject(new BlobStoreUnavailableError(new Error('full')));
    const hash = createHash('sha256').update(content).digest('hex');
    this.contents.set(hash, Buffer.from(content));
    return Promise.resolve({ owner, hash, bytes: content.byteLength });
  }

  async upload(owner: string, content: AsyncIterable<Uint8Array>): Promise<BlobRef> {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(part);
    return this.put(owner, Buffer.concat(parts));
  }

  get(ref: BlobRef): Promise<Uint8Array> {
    const content = this.contents.get(ref.hash);
    return content ? Promise.resolve(content) : Promise.reject(new BlobMissingError(ref));
  }

  async *read(ref: BlobRef, range = { from: 0, to: ref.bytes }): AsyncIterable<Uint8Array> {
    yield Buffer.from(await this.get(ref)).subarray(range.from, range.to);
  }

  get asStore(): BlobStore {
    return this as unknown as BlobStore;
  }
}

const Sum = leafKind<object, number>('sum', { merge: (a, b) => a + b });

const treeOf = (source: SpreadSource, list?: BlobRef): LeafRequest['tree'] => ({
  place: 'stocktake-default.s-1/sum',
  stream: 'stocktake-default.s-1',
  leaf: 'sum',
  source,
  data: {},
  itemsPerLeaf: 100,
  trace: { correlationId: 'c' },
  ...(list && { list }),
});

/** No item here sends a command. */
const nobody: LeafParts['door'] = { execute: async () => [] };
/** Nor does any read events. */
const unread = { read: async function* () {} } as unknown as LeafParts['store'];

/** Attempts of one leaf, and what they have noted. */
function attemptOf(blobs: Blobs, run: AnyLeaf, request: LeafRequest, turns = new BatchTurns()) {
  const notes: object[] = [];
  const parts = { blobs: blobs.asStore, door: nobody, store: unread, turns };
  return {
    notes,
    begin: (last: unknown, signal = new AbortController().signal) =>
      new LeafRun(run, parts, request, { last, note: (note) => notes.push(note) }, signal).run(),
  };
}

/** The outcome of each item in these segments. An item that occurs twice has two. */
async function outcomesIn(blobs: Blobs, segments: readonly BlobRef[]) {
  const outcomes = new Map<number, string>();
  for (const segment of segments) {
    for (const line of linesOf(await blobs.get(segment))) {
      const [from, to] = 'item' in line ? [line.item, line.item + 1] : [line.from, line.to];
      for (let item = from; item < to; item += 1) {
        outcomes.set(item, `${outcomes.has(item) ? `${outcomes.get(item)} ` : ''}${line.outcome}`);
      }
    }
  }
  return outcomes;
}

const settled = ({ index }: LeafItem): ItemOutcome<number> =>
  index % 5 === 4 ? { outcome: 'rejected', code: 'ODD', detail: 'no' } : { outcome: 'done', value: index };

const range = { from: 100, to: 160 };
const expected = new Map(
  Array.from({ length: 60 }, (_, place) => [100 + place, place % 5 === 4 ? 'rejected' : 'done']),
);

afterEach(() => void jest.restoreAllMocks());

describe('a leaf', () => {
  it.each([1, 2, 3, 5, 8])('has each outcome once although segment %d is not written', async (nth) => {
    everyBatchTakesASecond();
    const blobs = new Blobs();
    const handed: number[] = [];
    const run = leaf(Sum, async (items) => items.map((item) => (handed.push(item.index), settled(item))), {
      batch: 7,
    });
    const attempt = attemptOf(blobs, run, { tree: treeOf({ count: 1_000 }), range });
    blobs.failing = nth;
    await expect(attempt.begin(undefined)).rejects.toThrow('blob store');
    const { segments, ...result } = await attempt.begin(attempt.notes.at(-1));
    expect(result).toEqual({ from: 100, upTo: 160, done: 48, rejected: 12, failed: 0, value: sumOfDone() });
    expect(await outcomesIn(blobs, segments)).toEqual(expected);
    // No more than one segment is handled again.
    expect(handed.length).toBe(60 + 7);
  });

  it('says how far it is only once the outcomes are written', async () => {
    everyBatchTakesASecond();
    const blobs = new Blobs();
    const run = leaf(Sum, async (items) => items.map(settled), { batch: 10 });
    const attempt = attemptOf(blobs, run, { tree: treeOf({ count: 1_000 }), range });
    blobs.failing = 1;
    await expect(attempt.begin(undefined)).rejects.toThrow('blob store');
    expect(attempt.notes).toEqual([]);
  });

  it('returns what it has when it is told to stop, and the next one continues there', async () => {
    const blobs = new Blobs();
    const stop = new AbortController();
    const run = leaf(Sum, async (items) => {
      if (items[0]?.index === 120) stop.abort();
      return items.map(settled);
    });
    const first = attemptOf(blobs, run, { tree: treeOf({ count: 1_000 }), range });
    const { segments, ...result } = await first.begin(undefined, stop.signal);
    expect(result).toMatchObject({ from: 100, upTo: 121, done: 17, rejected: 4 });
    const rest = attemptOf(blobs, run, { tree: treeOf({ count: 1_000 }), range: { from: 121, to: 160 } });
    const second = await rest.begin(undefined);
    expect(await outcomesIn(blobs, [...segments, ...second.segments])).toEqual(expected);
  });

  it('has the same key for an item, whatever leaf it is in', async () => {
    const keys = new Map<number, Set<string>>();
    const run = leaf(Sum, async (items) => {
      for (const { index, key } of items) keys.set(index, (keys.get(index) ?? new Set()).add(key));
      return items.map(settled);
    });
    const blobs = new Blobs();
    const list = await writeList(blobs.asStore, 'o', [7, 9, 110]);
    await attemptOf(blobs, run, { tree: treeOf({ count: 1_000 }), range }).begin(undefined);
    const chosen = { tree: treeOf({ count: 1_000 }, list), range: { from: 1, to: 3 } };
    await attemptOf(blobs, run, chosen).begin(undefined);
    expect(keys.get(110)?.size).toBe(1);
    expect([...keys.keys()].filter((index) => index < 100)).toEqual([9]);
  });

  it('tries items that throw again, and then they have failed', async () => {
    let attempts = 0;
    const run = leaf(Sum, async (items) => {
      attempts += 1;
      if (attempts < 3 || items[0]?.index === 101) throw Object.assign(new Error('away'), { code: 'X.AWAY' });
      return items.map(settled);
    });
    const blobs = new Blobs();
    const request = { tree: treeOf({ count: 1_000 }), range: { from: 100, to: 103 } };
    const { segments, ...result } = await attemptOf(blobs, run, request).begin(undefined);
    expect(result).toMatchObject({ done: 2, rejected: 0, failed: 1 });
    expect(linesOf(await blobs.get(segments[0] as BlobRef))[1]).toMatchObject({ item: 101, code: 'X.AWAY' });
    expect(attempts).toBe(3 + 3 + 1);
  });

  it('waits for the turn of each batch, and returns early without one', async () => {
    const blobs = new Blobs();
    const turns = new BatchTurns(1);
    const stop = new AbortController();
    const held = await turns.take(stop.signal);
    const run = leaf(Sum, async (items) => items.map(settled));
    const request = { tree: treeOf({ count: 1_000 }), range };
    const waiting = attemptOf(blobs, run, request, turns).begin(undefined, stop.signal);
    stop.abort();
    expect(await waiting).toMatchObject({ from: 100, upTo: 100, done: 0, segments: [] });
    held?.end(false);
    const { begin } = attemptOf(blobs, run, request, turns);
    expect(await begin(undefined)).toMatchObject({ upTo: 160, done: 48, rejected: 12 });
  });

  it('halves the turns of its process when a server is busy', async () => {
    const turns = new BatchTurns(8);
    let attempts = 0;
    const run = leaf(Sum, async (items) => {
      if ((attempts += 1) === 1) throw new UnavailableError('temporal');
      return items.map(settled);
    });
    const request = { tree: treeOf({ count: 1_000 }), range };
    const { begin } = attemptOf(new Blobs(), run, request, turns);
    expect(await begin(undefined)).toMatchObject({ upTo: 160, failed: 0 });
    expect(turns.limit).toBe(4);
  });

  it.each(['altered', 'missing'])('fails items whose content is %s, and no others', async (how) => {
    const blobs = new Blobs();
    const texts = Array.from({ length: 30 }, (_, item) => Buffer.from(`item ${item}`));
    const source = await writeItems(blobs.asStore, 'o', texts, 10_000);
    const stored = blobs.contents.get(source.items?.hash ?? '');
    if (how === 'altered') stored?.fill('x', 7 * 3, 7 * 3 + 1);
    else blobs.contents.delete(source.items?.hash ?? '');
    const seen: string[] = [];
    const run = leaf(Sum, async (items) =>
      items.map(
        ({ content }) => (seen.push(Buffer.from(content ?? []).toString()), { outcome: 'done' as const }),
      ),
    );
    const request = { tree: treeOf(source), range: { from: 0, to: 30 } };
    const { segments, ...result } = await attemptOf(blobs, run, request).begin(undefined);
    const isOne = how === 'altered';
    expect(result).toMatchObject({ done: isOne ? 29 : 0, failed: isOne ? 1 : 30 });
    expect(seen).toEqual(isOne ? texts.map(String).filter((_, item) => item !== 3) : []);
    const codes = linesOf(await blobs.get(segments[0] as BlobRef)).flatMap((line) =>
      'item' in line ? [line.code] : [],
    );
    expect(new Set(codes)).toEqual(new Set([`SPREAD.ITEM_${how.toUpperCase()}`]));
  });

  it('handles no more items in a second than it may', async () => {
    const run = leaf(Sum, async (items) => items.map(settled));
    const request = { tree: treeOf({ count: 1_000 }), range: { from: 100, to: 120 }, perSecond: 100 };
    const before = performance.now();
    await attemptOf(new Blobs(), run, request).begin(undefined);
    expect(performance.now() - before).toBeGreaterThan(190);
  });
});

function sumOfDone(): number {
  return [...expected].reduce((sum, [item, outcome]) => sum + (outcome === 'done' ? item : 0), 0);
}

/** From now on, time passes with each look at the clock, so that each batch is a segment. */
function everyBatchTakesASecond(): void {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => (now += 600));
}
