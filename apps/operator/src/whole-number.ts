import { InvalidArgumentError } from 'commander';

/**
 * Commander's parser of a whole number above zero, `500` and not `500/s`: what is sent as a number must be one, for JSON makes
 * `null` of any other.
 */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number above zero.');
  return Number(text);
}
