import { randomUUID } from 'node:crypto';

const UPLOADS = 'uploads/';

/**
 * The owner of a file that a request brings. It lasts no longer than the request, which then
 * removes it.
 */
export function uploadOwner(): string {
  return `${UPLOADS}${randomUUID()}`;
}

/** Whether blobs belong to a request. If they are old, its process has crashed. */
export function isUpload(owner: string): boolean {
  return owner.startsWith(UPLOADS);
}
