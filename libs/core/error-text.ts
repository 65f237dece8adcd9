import { redact } from './redact.js';

const MAX_MESSAGE = 2_000;
/** Classes of PostgreSQL's errors whose messages quote values: data exceptions. */
const QUOTES_VALUES = /^22[0-9A-Z]{3}$/;

/**
 * The message of an error, without the values that known sources put into it. PostgreSQL quotes
 * what it cannot store, and JavaScript what it cannot parse. What our own errors say is left as it
 * is.
 */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return redact(String(error)).slice(0, MAX_MESSAGE);
  const { name, message } = error;
  const { code } = error as { readonly code?: unknown };
  if (name === 'SyntaxError') return 'a text cannot be parsed';
  const said =
    typeof code === 'string' && QUOTES_VALUES.test(code) ? message.replace(/"[^]*"/, '"…"') : message;
  return redact(said).slice(0, MAX_MESSAGE);
}

/** An error as text: `RangeError: …`. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${errorMessage(error)}` : errorMessage(error);
}
