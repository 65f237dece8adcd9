import { setTimeout as sleep } from 'node:timers/promises';
import { v5 } from 'uuid';
import { BlobAlteredError, BlobMissingError } from '#libs/blob/blob-store.errors.js';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import { errorText } from '#libs/core/error-text.js';
import { added, handled, NOTHING } from '#libs/core/flow/spread/tally.js';
import type { SpreadCounts } from '#libs/core/flow/spread/spread.js';
import type { Json } from '#libs/core/json.js';
import type { Progress } from '#libs/entity/activities/progress.js';
import type { LeafRequest, LeafResult } from '#libs/flow/protocol/spread-messages.js';
import { withinOrFail } from '#libs/runtime/within.js';
import { type BatchTurns, isOverload } from './batch-turns.js';
import type { AnyLeaf, ItemOutcome, LeafContext, LeafItem } from './leaf.js';
import { mergedOf, Segment } from './segments.js';
import { ALTERED, numbersAt, readItems } from './spread-items.js';

// A fixed namespace. A different one would turn every repeat into something new.
const NAMESPACE = '0f3a4f0e-6c0e-4b57-9d0c-6b1f6b8a2f11';
const TIME_OF_LEAF = 30_000;
const SEGMENT_EVERY = 1_000;
/** Items that are read at a time. */
const WINDOW = 100;
const ATTEMPTS = 3;
const FIRST_PAUSE = 200;
const TIME_OF_ATTEMPT = 15_000;
/** An attempt that takes longer is taken for a sign of overload. */
const SLOW_ATTEMPT = TIME_OF_ATTEMPT / 2;

/** What a heartbeat says: everything before `next` is handled, and its outcomes are in segments. */
interface Note extends SpreadCounts {
  readonly next: number;
  readonly segments: readonly BlobRef[];
  readonly value?: Json;
}

/** What leaves work with. */
export interface LeafParts {
  readonly blobs: BlobStore;
  readonly door: LeafContext['door'];
  readonly store: LeafContext['store'];
  /** Shared by all leaves of a process. */
  readonly turns: BatchTurns;
}

/** One attempt of a leaf. */
export class LeafRun {
  private note: Note;
  private segment: Segment;
  /** The position of the next item. */
  private at: number;
  private keptAt = performance.now();
  private readonly context: LeafContext;
  private pacedAt = performance.now();
  /** A field, since a signal made of others does not keep them from being collected. */
  private readonly outOfTime = AbortSignal.timeout(TIME_OF_LEAF);
  /** Aborted when the attempt is to return early: cancelled, paused, shut down or out of time. */
  private readonly over: AbortSignal;

  constructor(
    private readonly leaf: AnyLeaf,
    private readonly parts: LeafParts,
    private readonly request: LeafRequest,
    private readonly progress: Pick<Progress, 'last' | 'note'>,
    private readonly signal: AbortSignal,
  ) {
    const { tree, range } = request;
    this.note = noteIn(progress.last) ?? { next: range.from, ...NOTHING, segments: [] };
    this.at = this.note.next;
    this.segment = new Segment(leaf.kind.merge);
    const { door, store } = parts;
    this.over = AbortSignal.any([signal, this.outOfTime]);
    this.context = { stream: tree.stream, data: tree.data, trace: tree.trace, door, store, signal };
  }

  async run(): Promise<LeafResult> {
    const { range } = this.request;
    while (this.at < range.to && !this.over.aborted) {
      for (const batch of batchesOf(await this.window(), this.leaf.batch ?? 1)) {
        if (this.over.aborted) break;
        await this.handle(batch);
      }
    }
    await this.keep();
    const { next: upTo, segments, ...rest } = this.note;
    return { from: range.from, upTo, ...rest, segments: await this.asOne(segments) };
  }

  /** The next items, with their contents, or how they have failed. */
  private async window(): Promise<readonly (LeafItem | FailedItem)[]> {
    const { tree, range } = this.request;
    const to = Math.min(range.to, this.at + WINDOW);
    const numbers = await numbersAt(this.parts.blobs, tree.list, { from: this.at, to });
    const items: (LeafItem | FailedItem)[] = [];
    for (const run of runsOf(numbers)) {
      const contents = await this.read(run);
      run.forEach((index, place) => {
        const content = contents[place];
        const key = v5(`${tree.place}/${index}`, NAMESPACE);
        if (typeof content === 'string') items.push({ index, failure: content });
        else items.push({ index, key, ...(content && { content }) });
      });
    }
    return items;
  }

  /** The contents of items that follow one another, or why there are none. */
  private async read(numbers: readonly number[]): Promise<readonly (Uint8Array | string | undefined)[]> {
    const [from = 0] = numbers;
    try {
      const contents = await readItems(this.parts.blobs, this.request.tree.source, {
        from,
        to: from + numbers.length,
      });
      return contents.map((content) => (content === ALTERED ? 'SPREAD.ITEM_ALTERED' : content));
    } catch (error) {
      if (error instanceof BlobMissingError) return numbers.map(() => 'SPREAD.ITEM_MISSING');
      if (error instanceof BlobAlteredError) return numbers.map(() => 'SPREAD.ITEM_ALTERED');
      throw error;
    }
  }

  private async handle(batch: readonly (LeafItem | FailedItem)[]): Promise<void> {
    const items = batch.filter((item): item is LeafItem => 'key' in item);
    const outcomes = items.length === 0 ? [] : await this.outcomesOf(items);
    if (!outcomes) return;
    const known = new Map(items.map(({ index }, place) => [index, outcomes[place] as ItemOutcome]));
    for (const { index } of batch) this.segment.add(index, known.get(index) ?? unreadable(batch, index));
    this.at += batch.length;
    if (performance.now() - this.keptAt >= SEGMENT_EVERY) await this.keep();
    await this.pace(batch.length);
  }

  /**
   * Tries some items a few times. Then they have failed. Undefined if the attempt of the leaf was
   * over before they had a turn.
   */
  private async outcomesOf(items: readonly LeafItem[]): Promise<readonly ItemOutcome[] | undefined> {
    for (let attempt = 1, pause = FIRST_PAUSE; ; attempt += 1, pause *= 2) {
      const turn = await this.parts.turns.take(this.over);
      if (!turn) return undefined;
      const begunAt = performance.now();
      let wasOverloaded = false;
      try {
        const late = new Error(`the items were not handled within ${TIME_OF_ATTEMPT} ms`);
        const outcomes = await withinOrFail(this.leaf.run(items, this.context), TIME_OF_ATTEMPT, late);
        if (outcomes.length === items.length) return outcomes;
        throw new TypeError(`a leaf returned ${outcomes.length} outcomes of ${items.length} items`);
      } catch (error) {
        wasOverloaded = isOverload(error);
        if (attempt === ATTEMPTS) return items.map(() => failedBy(error));
      } finally {
        turn.end(wasOverloaded || performance.now() - begunAt > SLOW_ATTEMPT);
      }
      await sleep(pause);
    }
  }

  /** Writes the outcomes down, and only then says so in a heartbeat. */
  private async keep(): Promise<void> {
    const { note, segment } = this;
    this.keptAt = performance.now();
    if (handled(segment.counts) === 0) return;
    const { stream } = this.request.tree;
    const kept = await this.parts.blobs.put(stream, segment.content());
    const value = mergedOf(this.leaf.kind.merge, note.value, segment.value);
    this.note = {
      next: this.at,
      ...added(note, segment.counts),
      segments: [...note.segments, kept],
      ...(value !== undefined && { value }),
    };
    this.segment = new Segment(this.leaf.kind.merge);
    this.progress.note(this.note);
  }

  /** Many small segments would make the results of leaves too large for a node. */
  private async asOne(segments: readonly BlobRef[]): Promise<readonly BlobRef[]> {
    if (segments.length <= 1) return segments;
    const contents = await Promise.all(segments.map((segment) => this.parts.blobs.get(segment)));
    return [await this.parts.blobs.put(this.request.tree.stream, Buffer.concat(contents))];
  }

  private async pace(items: number): Promise<void> {
    const { perSecond } = this.request;
    if (perSecond === undefined) return;
    this.pacedAt = Math.max(this.pacedAt, performance.now() - SEGMENT_EVERY) + (items * 1_000) / perSecond;
    while (this.pacedAt > performance.now() && !this.over.aborted) {
      const pause = Math.min(this.pacedAt - performance.now(), SEGMENT_EVERY);
      await sleep(Math.max(1, pause), undefined, { signal: this.signal }).catch(() => undefined);
      if (performance.now() - this.keptAt >= SEGMENT_EVERY) await this.keep();
    }
  }
}

/** An item that cannot be handed over, and its code. */
interface FailedItem {
  readonly index: number;
  readonly failure: string;
}

function unreadable(batch: readonly (LeafItem | FailedItem)[], index: number): ItemOutcome {
  const item = batch.find((one) => one.index === index);
  const code = item && 'failure' in item ? item.failure : 'SPREAD.ITEM_MISSING';
  return { outcome: 'failed', code, detail: 'its content in the blob store is not what was written' };
}

function failedBy(error: unknown): ItemOutcome {
  const { code } = (error ?? {}) as { code?: unknown };
  const named = typeof code === 'string' ? code : 'SPREAD.ITEM_FAILED';
  return { outcome: 'failed', code: named, detail: errorText(error).slice(0, 500) };
}

function batchesOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, place) => items.slice(place * size, (place + 1) * size));
}

/** Numbers in groups that follow one another without gaps. */
function runsOf(numbers: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && last.at(-1) === number - 1) last.push(number);
    else runs.push([number]);
  }
  return runs;
}

function noteIn(last: unknown): Note | undefined {
  const { next, segments } = (last ?? {}) as Partial<Note>;
  return Number.isSafeInteger(next) && Array.isArray(segments) ? (last as Note) : undefined;
}
