/**
 * The stream ends before the revision that the entity has folded: the store lost events (a restored backup, another
 * store at the address). Nothing is decided until an operator has looked; the entity keeps trying.
 */
export class StreamBehindError extends Error {
  override readonly name = 'StreamBehindError';
  constructor(stream: string, folded: number, actual: number) {
    super(`${stream} ends at revision ${actual}, the entity has folded ${folded}: the store lost events`);
  }
}
