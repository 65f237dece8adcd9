import {
  ApplicationFailure,
  type DataConverter,
  ExternalStorage,
  type Payload,
  type StorageDriver,
  StorageDriverClaim,
  type StorageDriverStoreContext,
} from '@temporalio/common';
import type { BlobRef, BlobStore } from './blob-store.js';
import { BlobAlteredError, BlobMissingError } from './blob-store.errors.js';
import { flowOfOwner } from './flow-of-owner.js';

/** A payload of a flow of this size or more is kept as a blob. */
const LARGE_BYTES = 65_536;

/** The type of the failure when a payload is gone, or is not what was written. */
const PAYLOAD_MISSING = 'PAYLOAD.MISSING';
const PAYLOAD_ALTERED = 'PAYLOAD.ALTERED';

/**
 * Keeps large payloads of flows as blobs of their workflows. Temporal's histories contain
 * references instead. The payloads of entities are bounded, and stay in Temporal.
 *
 * All clients and workers of a namespace need it: without it, the SDK throws when it finds a
 * reference.
 */
export function flowPayloads(blobs: BlobStore, isFlow: (category: string) => boolean): DataConverter {
  const driver = new BlobDriver(blobs);
  const isOfFlow = ({ target }: StorageDriverStoreContext) => {
    const category = target?.kind === 'workflow' && flowOfOwner(target.id ?? '')?.category;
    return typeof category === 'string' && isFlow(category);
  };
  return {
    externalStorage: new ExternalStorage({
      drivers: [driver],
      driverSelector: (context) => (isOfFlow(context) ? driver : null),
      payloadSizeThreshold: LARGE_BYTES,
    }),
  };
}

/** The name and the type are parts of what histories contain. */
class BlobDriver implements StorageDriver {
  readonly name = 'perdure-blobs';
  readonly type = 'perdure.blobs';

  constructor(private readonly blobs: BlobStore) {}

  store({ target }: StorageDriverStoreContext, payloads: Payload[]): Promise<StorageDriverClaim[]> {
    const owner = target?.id ?? '';
    return Promise.all(
      payloads.map(async ({ data, metadata }) =>
        claimOf(await this.blobs.put(owner, data ?? new Uint8Array()), metadata ?? {}),
      ),
    );
  }

  retrieve(_: object, claims: StorageDriverClaim[]): Promise<Payload[]> {
    return Promise.all(claims.map((claim) => this.payloadOf(claim)));
  }

  private async payloadOf({ claimData }: StorageDriverClaim): Promise<Payload> {
    const { owner = '', hash = '', bytes, metadata = '{}' } = claimData;
    const fields = JSON.parse(metadata) as Readonly<Record<string, string>>;
    return {
      metadata: Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
      ),
      data: await this.contentOf({ owner, hash, bytes: Number(bytes) }),
    };
  }

  /** An activity whose payload is gone is not tried again. The task of a workflow always is. */
  private async contentOf(ref: BlobRef): Promise<Uint8Array> {
    try {
      return await this.blobs.get(ref);
    } catch (error) {
      if (error instanceof BlobMissingError) throw lost(error, PAYLOAD_MISSING);
      if (error instanceof BlobAlteredError) throw lost(error, PAYLOAD_ALTERED);
      throw error;
    }
  }
}

function claimOf({ owner, hash, bytes }: BlobRef, metadata: NonNullable<Payload['metadata']>) {
  const fields = Object.entries(metadata).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  return new StorageDriverClaim({
    owner,
    hash,
    bytes: String(bytes),
    metadata: JSON.stringify(Object.fromEntries(fields)),
  });
}

function lost({ message }: Error, type: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type, nonRetryable: true });
}
