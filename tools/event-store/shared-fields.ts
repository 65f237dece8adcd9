// Field numbers of messages that several calls of the protocol share.

/** Of a `StreamIdentifier`. */
export const STREAM_NAME = 3;
/** Of a `UUID`, in either of its two forms. */
export const ID = { structured: 1, string: 2 } as const;
export const STRUCTURED_ID = { most: 1, least: 2 } as const;
/** Of an entry of a map, such as the properties of an event. */
export const MAP_ENTRY = { key: 1, value: 2 } as const;
