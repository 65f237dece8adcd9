/** The rebuild ended while a batch was under way for it: the batch does not count. */
export class RebuildOverError extends Error {
  override readonly name = 'RebuildOverError';
}
