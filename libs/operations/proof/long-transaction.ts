/** What a transaction may take in which all of an entity is read: a million events take minutes, a batch never does. */
export const LONG_TRANSACTION = { milliseconds: 10 * 60_000 };
