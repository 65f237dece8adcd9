/** Another server writes to this data, or the data is unusable. The message is for the operator. */
export class EventStoreServerError extends Error {
  override readonly name = 'EventStoreServerError';
}

/**
 * The database does not respond. It is unknown whether the append was written, and the client has
 * to repeat it.
 */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
}
