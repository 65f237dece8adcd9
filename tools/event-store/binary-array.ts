const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

const OID = { bool: 16, bytea: 17, int8: 20, text: 25, uuid: 2950 } as const;

/** An array parameter in PostgreSQL's binary form, which needs neither quoting nor hex digits. */
export const int8Array = (values: readonly bigint[]): Buffer =>
  encode(
    OID.int8,
    values,
    () => 8,
    (target, value, at) => target.writeBigInt64BE(value, at),
  );

export const boolArray = (values: readonly boolean[]): Buffer =>
  encode(
    OID.bool,
    values,
    () => 1,
    (target, value, at) => target.writeUInt8(value ? 1 : 0, at),
  );

export const uuidArray = (values: readonly string[]): Buffer =>
  encode(
    OID.uuid,
    values,
    () => 16,
    (target, value, at) => target.write(value.replaceAll('-', ''), at, 'hex'),
  );

export const textArray = (values: readonly string[]): Buffer =>
  encode(
    OID.text,
    values,
    (value) => Buffer.byteLength(value),
    (target, value, at) => target.write(value, at),
  );

export const byteaArray = (values: readonly Uint8Array[]): Buffer =>
  encode(
    OID.bytea,
    values,
    ({ length }) => length,
    (target, value, at) => target.set(value, at),
  );

function encode<T>(
  oid: number,
  values: readonly T[],
  sizeOf: (value: T) => number,
  write: (target: Buffer, value: T, at: number) => unknown,
): Buffer {
  const sizes = values.map(sizeOf);
  const size = sizes.reduce((sum, size) => sum + LENGTH_BYTES + size, HEADER_BYTES);
  const target = Buffer.allocUnsafe(size);
  let at = 0;
  // Number of dimensions, whether there are nulls, the element type; then the length and the lower
  // bound.
  for (const field of [1, 0, oid, values.length, 1]) at = target.writeInt32BE(field, at);
  values.forEach((value, index) => {
    const length = sizes[index] ?? 0;
    at = target.writeInt32BE(length, at);
    write(target, value, at);
    at += length;
  });
  return target;
}
