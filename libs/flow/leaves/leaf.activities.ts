import { Context } from '@temporalio/activity';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { BlobRef } from '#libs/core/blob-ref.js';
import { currentProgress } from '#libs/entity/activities/progress.js';
import type {
  ItemList,
  LeafActivities,
  Manifest,
  UnsettledRequest,
} from '#libs/flow/protocol/spread-messages.js';
import type { AnyLeaf } from './leaf.js';
import { type LeafParts, LeafRun } from './leaf-run.js';
import { linesIn } from './read-manifest.js';
import { numbersAt, writeList } from './spread-items.js';

/** Creates the activities of the trees of a service. They fail if the blob store is unavailable. */
export function createLeafActivities(parts: LeafParts, leaves: readonly AnyLeaf[]): LeafActivities {
  const { blobs } = parts;
  return {
    runLeaf: (request) => {
      const leaf = leaves.find(({ kind }) => kind.name === request.tree.leaf);
      // Another process may have it.
      if (!leaf) throw new TypeError(`this process has no leaf ${request.tree.leaf}`);
      return new LeafRun(leaf, parts, request, currentProgress(), Context.current().cancellationSignal).run();
    },
    keepManifest: ({ stream, kind, of }) => keepManifest(blobs, stream, { kind, of }),
    listUnsettled: (request) => listUnsettled(blobs, request),
  };
}

function keepManifest(blobs: BlobStore, stream: string, manifest: Manifest): Promise<BlobRef> {
  return blobs.put(stream, Buffer.from(JSON.stringify(manifest)));
}

/** Those that have failed, and those that were left. */
async function listUnsettled(
  blobs: BlobStore,
  { tree, manifests, left }: UnsettledRequest,
): Promise<ItemList> {
  const numbers: number[] = [];
  for (const manifest of manifests) {
    for await (const line of linesIn(blobs, manifest)) {
      if ('item' in line && line.outcome === 'failed') numbers.push(line.item);
    }
  }
  for (const range of left) {
    for (const number of await numbersAt(blobs, tree.list, range)) numbers.push(number);
  }
  numbers.sort((a, b) => a - b);
  return { list: await writeList(blobs, tree.stream, numbers), count: numbers.length };
}
