import { InvalidArgumentError } from 'commander';

/** Commander's parser of a whole number: what is sent as a number must be one, for JSON makes `null` of any other. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}

/** The same, above zero: `500`, and not `500/s`. */
export function positiveNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number above zero.');
  return Number(text);
}
