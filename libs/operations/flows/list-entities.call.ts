import type { Pool } from 'pg';
import type { BlobStore } from '#libs/blob/blob-store.js';
import type { AnyDecider } from '#libs/core/decider.js';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import { viewKey } from '#libs/core/view-definition.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import { writeItems } from '#libs/flow/leaves/spread-items.js';
import { allEntities } from '#libs/read-model/listed-entities.js';

/**
 * A call that lists the ids of all entities of a kind in the tenant of the flow, as the items of a
 * spread (a `SpreadSource`). It reads the index of the entities, which follows their streams by
 * some milliseconds, so an entity that has just been created may be missing.
 */
export function listEntitiesCall(
  { queryPool, blobs }: { readonly queryPool: Pool; readonly blobs: BlobStore },
  decider: AnyDecider,
): Call {
  return async (_data, _key, owner) => {
    const ids = idsIn(queryPool, decider, parseStreamName(owner)?.tenant);
    const source = await writeItems(blobs, owner, ids, Number.MAX_SAFE_INTEGER);
    return { ...source };
  };
}

async function* idsIn(pool: Pool, decider: AnyDecider, tenant: string | undefined) {
  const prefix = streamName(decider.name, '', tenant);
  for await (const stream of allEntities(pool, viewKey(entityIndexView(decider)), prefix)) {
    yield Buffer.from(stream.slice(prefix.length));
  }
}

/** The id that is stored as an item of a spread. */
export function listedId(content: Uint8Array | undefined): string {
  return Buffer.from(content ?? []).toString();
}
