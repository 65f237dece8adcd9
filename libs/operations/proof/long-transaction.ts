/**
 * Time limit of a transaction that reads an entity completely. A million events take minutes; a
 * batch never does.
 */
export const LONG_TRANSACTION = { milliseconds: 10 * 60_000 };
