import type { PoolClient } from 'pg';
import type { DecodedBatch } from './decoded-batch.js';
import { lockOffsets, saveOffsets } from './partition-offset.js';

/** A batch that is to be applied to a view. */
export interface Application<View extends BatchFolder = BatchFolder> {
  readonly view: View;
  readonly batch: DecodedBatch;
  /** That of the consumer of the batch. */
  readonly generation: number;
}

/** A batch, and where the view is in its partition. */
export interface Expected {
  readonly batch: DecodedBatch;
  readonly generation: number;
  readonly expected: bigint;
}

/** What a transaction does for a view in a partition. It counts once that is committed. */
export interface Taken {
  /** Where the view is now. */
  readonly next: bigint;
  /** Nothing was applied, because the batch does not continue where the view is: read from here. */
  readonly readFrom?: bigint;
}

/** A view to which batches are applied. */
export interface BatchFolder {
  readonly key: string;
  /** Folds batches of different partitions in a transaction of the caller. */
  foldIn(client: PoolClient, batches: readonly Expected[], isApart: boolean): Promise<readonly Taken[]>;
}

/**
 * Applies batches to views in a transaction of the caller. The batches of a view, in a row, are of
 * different partitions and are folded together.
 */
export async function applyBatches(
  client: PoolClient,
  applications: readonly Application[],
  isApart = false,
): Promise<readonly Taken[]> {
  const places = applications.map(({ view, batch: { topic, partition } }) => {
    return { view: view.key, topic, partition };
  });
  const offsets = await lockOffsets(client, places);
  const taken: Taken[] = [];
  for (const view of new Set(applications.map((each) => each.view))) {
    const expected = applications.flatMap(({ view: of, batch, generation }, index) =>
      of === view ? [{ batch, generation, expected: offsets[index] ?? 0n }] : [],
    );
    taken.push(...(await view.foldIn(client, expected, isApart)));
  }
  const moves = places.map((place, index) => ({ ...place, nextOffset: taken[index]?.next ?? 0n }));
  await saveOffsets(
    client,
    moves.filter(({ nextOffset }, index) => nextOffset !== offsets[index]),
  );
  return taken;
}
