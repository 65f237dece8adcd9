/**
 * Whether a JSON number keeps its value when it is read as a double. `1e3` and `1.50` do;
 * `9007199254740993`, `1.00000000000000000001`, `1e309` and `-0` do not.
 */
export function isExactNumber(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  return canonical(text) === canonical(String(value));
}

/**
 * A canonical text for each decimal number: its sign, its digits without leading or trailing zeros,
 * and the power of ten of its last digit.
 */
function canonical(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = withoutTrailingZeros(digits);
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}e${power}`;
}

/** A loop, because `/0+$/` takes quadratic time on a long run of zeros before another digit. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
