// How protobuf lays down fields: https://protobuf.dev/programming-guides/encoding.

/** Wire types. */
export const VARINT = 0;
export const EIGHT_BYTES = 1;
export const BYTES = 2;
export const FOUR_BYTES = 5;
/** A tag is the number of a field, and behind it so many bits of its wire type. */
export const WIRE_TYPE_BITS = 3;

/** Set in each byte of a varint but the last; what is below it is the value's. */
export const MORE = 0x80;
export const BITS_IN_A_BYTE = 7n;
export const MAX_VARINT_BYTES = 10;
