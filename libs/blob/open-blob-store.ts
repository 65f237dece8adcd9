import { fileURLToPath } from 'node:url';
import type { BlobStore } from './blob-store.js';
import { FolderBlobStore } from './folder-blob-store.js';

/**
 * The store at an address: `file:///folder`. Nothing is opened before it is used. Throws a
 * `TypeError` if the address cannot be used.
 */
export function openBlobStore(url: string): BlobStore {
  return new FolderBlobStore(fileURLToPath(url));
}
