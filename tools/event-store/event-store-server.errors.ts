/** Another server writes to these data, or they cannot be used; the message is for the operator. */
export class EventStoreServerError extends Error {
  override readonly name = 'EventStoreServerError';
}

/** The database does not answer: whether the append was written is unknown, the client has to repeat it. */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
}
