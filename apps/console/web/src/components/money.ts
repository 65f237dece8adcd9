/** Fields that hold an amount in minor units, wherever a currency is known. */
const FIELDS =
  /^(amount|balance|held|available|total|subtotal|unitPrice|discount|minTotal|value|price|runningBalance|balanceAfter)$/;

/** Whether a field holds money. */
export function isMoney(field: string): boolean {
  return FIELDS.test(field);
}

/**
 * An amount in minor units, in the form of its currency. Undefined if there is no such currency.
 */
export function money(amount: number, currency: string): string | undefined {
  try {
    const format = new Intl.NumberFormat(undefined, { style: 'currency', currency, currencyDisplay: 'code' });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    // Exactly: an amount may have more digits than a double.
    const text = `${BigInt(amount)}`.replace('-', '').padStart(digits + 1, '0');
    const whole = text.slice(0, text.length - digits);
    const parts = digits === 0 ? whole : `${whole}.${text.slice(-digits)}`;
    return format.format(`${amount < 0 ? '-' : ''}${parts}` as unknown as number);
  } catch {
    return undefined;
  }
}

/** The currency that a value or what is around it names. */
export function currencyOf(value: unknown, around?: string): string | undefined {
  const { currency } = (typeof value === 'object' && value !== null ? value : {}) as { currency?: unknown };
  return typeof currency === 'string' ? currency : around;
}
