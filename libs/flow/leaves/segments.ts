import type { ItemOutcome } from './leaf.js';
import type { Json, JsonObject } from '#libs/core/json.js';
import type { SpreadCounts } from '#libs/core/flow/spread/spread.js';
import { added, NOTHING } from '#libs/core/flow/spread/tally.js';
import type { LeafKind } from '#libs/core/flow/spread/spread.js';

/**
 * One line of a segment: an item that has something to tell, or items that are done and have not.
 */
export type SegmentLine =
  | ({ readonly item: number } & LineOutcome)
  | { readonly from: number; readonly to: number; readonly outcome: 'done' };

type LineOutcome = {
  readonly outcome: 'done' | 'rejected' | 'failed';
  readonly code?: string;
  readonly detail?: string;
  readonly record?: JsonObject;
};

/** Outcomes that are not written down yet. */
export class Segment {
  private readonly lines: string[] = [];
  private plain: { from: number; to: number } | undefined;
  private tally: SpreadCounts = NOTHING;
  private merged: Json | undefined;

  constructor(private readonly merge: LeafKind['merge']) {}

  get counts(): SpreadCounts {
    return this.tally;
  }

  get value(): Json | undefined {
    return this.merged;
  }

  add(item: number, outcome: ItemOutcome): void {
    this.tally = added(this.tally, { ...NOTHING, [outcome.outcome]: 1 });
    if (outcome.outcome === 'done') {
      this.merged = mergedOf(this.merge, this.merged, outcome.value);
      if (outcome.record === undefined) return this.addPlain(item);
      return this.write({ item, outcome: 'done', record: outcome.record });
    }
    const { code, detail, record } = outcome;
    this.write({ item, outcome: outcome.outcome, code, detail, ...(record !== undefined && { record }) });
  }

  content(): Uint8Array {
    this.endPlain();
    return Buffer.from(this.lines.join(''));
  }

  private addPlain(item: number): void {
    if (this.plain?.to === item) this.plain.to += 1;
    else {
      this.endPlain();
      this.plain = { from: item, to: item + 1 };
    }
  }

  private endPlain(): void {
    const { plain } = this;
    this.plain = undefined;
    if (plain) this.lines.push(`${JSON.stringify({ ...plain, outcome: 'done' })}\n`);
  }

  private write(line: SegmentLine): void {
    this.endPlain();
    this.lines.push(`${JSON.stringify(line)}\n`);
  }
}

/** Merges two values, of which either may be missing. */
export function mergedOf(
  merge: LeafKind['merge'],
  a: Json | undefined,
  b: Json | undefined,
): Json | undefined {
  if (!merge || b === undefined) return a;
  return a === undefined ? b : merge(a, b);
}

/** The lines of a segment. */
export function linesOf(content: Uint8Array): readonly SegmentLine[] {
  const text = Buffer.from(content).toString();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as SegmentLine]));
}
