import { setTimeout as sleep } from 'node:timers/promises';
import { Counter } from 'prom-client';
import { type Background, inBackground } from '#libs/runtime/in-background.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { BlobOwner, BlobStore } from './blob-store.js';

/** A blob may be written before what it is for exists, and is known. */
const GRACE_SECONDS = 3_600;
/** Owners that are looked at in a second. */
const PER_SECOND = 100;

const sweptOwners = new Counter({
  name: 'perdure_blob_owners_swept_total',
  help: 'Workflows whose blobs were removed, because Temporal does not know them any more',
});

export interface BlobSweeperOptions {
  readonly blobs: BlobStore;
  /** Whether the blobs of an owner may still be needed. Throws if that is not known. */
  readonly isInUse: (owner: BlobOwner) => Promise<boolean>;
  /** The pause between two sweeps. 0: there are none. */
  readonly everySeconds: number;
  /** How old the newest blob of an owner is at least. Default: an hour. */
  readonly graceSeconds?: number;
  readonly logger: Logger;
}

/**
 * Removes the blobs of owners that need them no more. Any number of processes may sweep. If
 * somebody does not answer, the rest is left to the next sweep.
 */
export function startBlobSweeper(options: BlobSweeperOptions): Background {
  return inBackground((signal) => run(options, signal));
}

async function run(options: BlobSweeperOptions, signal: AbortSignal): Promise<void> {
  const { everySeconds, logger } = options;
  if (everySeconds === 0) return;
  for (;;) {
    await sleep(everySeconds * 1_000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await sweepBlobs(options, signal).catch((error: unknown) =>
      logger.warn({ err: error }, 'blobs that are not needed any more cannot be removed at present'),
    );
  }
}

/** Sweeps once. */
export async function sweepBlobs(
  { blobs, isInUse, graceSeconds = GRACE_SECONDS }: Omit<BlobSweeperOptions, 'everySeconds' | 'logger'>,
  signal?: AbortSignal,
): Promise<void> {
  for await (const owner of blobs.owners()) {
    if (signal?.aborted) return;
    if (Date.now() - owner.newestAt.getTime() < graceSeconds * 1_000) continue;
    await sleep(1_000 / PER_SECOND);
    if (await isInUse(owner)) continue;
    await blobs.remove(owner.owner);
    sweptOwners.inc();
  }
}
