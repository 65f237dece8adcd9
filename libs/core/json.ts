/**
 * Any value that survives a round trip through JSON unchanged. State, events and commands consist
 * of these.
 */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A plain JSON object. */
export type JsonObject = { readonly [key: string]: Json };
