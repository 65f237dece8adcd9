import { InvalidArgumentError } from 'commander';

/** Commander's parser for an integer. The value is sent as JSON, where NaN would become `null`. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}

/** The same, greater than zero: `500`, and not `500/s`. */
export function positiveNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number above zero.');
  return Number(text);
}
