import type { BlobStore } from '#libs/blob/blob-store.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import type { Manifest } from '#libs/flow/protocol/spread-messages.js';
import { linesOf, type SegmentLine } from './segments.js';

/** The outcomes below a manifest of one pass, in the order of the items. */
export async function* linesIn(blobs: BlobStore, ref: BlobRef): AsyncIterable<SegmentLine> {
  const manifest = JSON.parse(Buffer.from(await blobs.get(ref)).toString()) as Manifest;
  for (const part of manifest.of) {
    if (manifest.kind === 'segments') yield* linesOf(await blobs.get(part));
    else yield* linesIn(blobs, part);
  }
}

/**
 * The final outcomes below the manifest of a spread: an item that has failed and was then retried
 * occurs only with its last outcome.
 */
export async function* outcomesIn(blobs: BlobStore, ref: BlobRef): AsyncIterable<SegmentLine> {
  const { of: passes } = JSON.parse(Buffer.from(await blobs.get(ref)).toString()) as Manifest;
  for (const [place, pass] of passes.entries()) {
    const isLast = place === passes.length - 1;
    for await (const line of linesIn(blobs, pass)) if (isLast || line.outcome !== 'failed') yield line;
  }
}
