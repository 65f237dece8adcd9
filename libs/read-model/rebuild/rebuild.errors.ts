/** The rebuild ended while a batch was in progress for it. The batch does not count. */
export class RebuildOverError extends Error {
  override readonly name = 'RebuildOverError';
}
