// The encoding of protobuf fields: https://protobuf.dev/programming-guides/encoding.

/** Wire types. */
export const VARINT = 0;
export const EIGHT_BYTES = 1;
export const BYTES = 2;
export const FOUR_BYTES = 5;
/** A tag is the number of a field, followed by this many bits for its wire type. */
export const WIRE_TYPE_BITS = 3;

/** Set in each byte of a varint except the last. The bits below belong to the value. */
export const MORE = 0x80;
export const BITS_IN_A_BYTE = 7n;
export const MAX_VARINT_BYTES = 10;
