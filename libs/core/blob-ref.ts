/**
 * Where a blob is. `owner` says what it is kept for, such as a workflow id: the blob is removed
 * with its owner. A type, so that it is JSON.
 */
export type BlobRef = {
  readonly owner: string;
  /** SHA-256 of the content, in hexadecimal digits. */
  readonly hash: string;
  readonly bytes: number;
};
