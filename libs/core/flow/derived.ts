/**
 * 128 bits made from a text, as four unsigned 32-bit numbers (cyrb128 by bryc, public domain). Not
 * for secrets: its only purpose is that equal texts give equal numbers and others do not.
 */
function hash128(text: string): readonly [number, number, number, number] {
  let [a, b, c, d] = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ code, 597_399_067);
    b = c ^ Math.imul(b ^ code, 2_869_860_233);
    c = d ^ Math.imul(c ^ code, 951_274_213);
    d = a ^ Math.imul(d ^ code, 2_716_044_179);
  }
  a = Math.imul(c ^ (a >>> 18), 597_399_067);
  b = Math.imul(d ^ (b >>> 22), 2_869_860_233);
  c = Math.imul(a ^ (c >>> 17), 951_274_213);
  d = Math.imul(b ^ (d >>> 19), 2_716_044_179);
  a ^= b ^ c ^ d;
  return [a >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

/** A UUID of version 8 (RFC 9562) made from a text. */
export function derivedUuid(text: string): string {
  const hex = hash128(text)
    .map((part) => part.toString(16).padStart(8, '0'))
    .join('');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...groups, `${variant}${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

/** A number from 0 (included) to 1 (excluded) made from a text. */
export function derivedNumber(text: string): number {
  const [high, low] = hash128(text);
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}
