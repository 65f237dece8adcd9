import { fileURLToPath } from 'node:url';
import type { BlobStore } from './blob-store.js';
import { FolderBlobStore } from './folder-blob-store.js';
import { s3AddressIn } from './s3-address.js';
import { S3BlobStore } from './s3-blob-store.js';

/**
 * The store at an address: `file:///folder`, or `s3://bucket/prefix` with the options of
 * `s3AddressIn`. Nothing is opened before it is used. Throws a `TypeError` if the address cannot be
 * used.
 */
export function openBlobStore(url: string): BlobStore {
  return url.startsWith('s3:') ? new S3BlobStore(s3AddressIn(url)) : new FolderBlobStore(fileURLToPath(url));
}
