import type { EmbeddedStore } from './embedded-store.js';

/** The variable with the address of the server that the store suite tests. */
export const suiteAddress = 'STORE_SUITE_URL';

/** Set if that server is the embedded one, started by the suite. */
export const suiteIsEmbedded = 'STORE_SUITE_IS_EMBEDDED';

const key = Symbol.for('perdure.store-suite');
const shared = globalThis as { [key]?: { store?: EmbeddedStore } };

/** What the set-up has started, for the tear-down: jest loads the two separately. */
export const suiteServer: { store?: EmbeddedStore } = (shared[key] ??= {});

/** The address chosen by the set-up of the suite. Throws if there is none. */
export function storeUrl(): string {
  const url = process.env[suiteAddress];
  if (!url) throw new Error(`${suiteAddress} is not set: is the set-up of the store suite missing?`);
  return url;
}

/**
 * Whether the server is the suite's embedded one. Only there may tests stop it, and test what only
 * it guarantees.
 */
export const isEmbedded = (): boolean => process.env[suiteIsEmbedded] !== undefined;
