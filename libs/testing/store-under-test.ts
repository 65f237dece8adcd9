import type { EmbeddedStore } from './embedded-store.js';

/** The variable that holds the address of the server that the store suite is held against. */
export const suiteAddress = 'STORE_SUITE_URL';

/** Set when that server is the embedded one, started by the suite. */
export const suiteIsEmbedded = 'STORE_SUITE_IS_EMBEDDED';

const key = Symbol.for('perdure.store-suite');
const shared = globalThis as { [key]?: { store?: EmbeddedStore } };

/** What the set-up has started, for the tear-down: jest loads the two apart. */
export const suiteServer: { store?: EmbeddedStore } = (shared[key] ??= {});

/** The address that the set-up of the suite has chosen. Throws without it. */
export function storeUrl(): string {
  const url = process.env[suiteAddress];
  if (!url) throw new Error(`${suiteAddress} is not set: is the set-up of the store suite missing?`);
  return url;
}

/** Whether the server is an embedded one of the suite: only there tests may stop it, and ask for what it alone promises. */
export const isEmbedded = (): boolean => process.env[suiteIsEmbedded] !== undefined;
