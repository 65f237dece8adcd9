import { createPerdureClient, type PerdureClient } from '#libs/client/client.js';

/** The demo lasts longer than a restart of any server. */
const RETRIES = { attempts: 60, firstMilliseconds: 500, mostMilliseconds: 2_000 };

/** How long the demo waits for an outcome. */
export const PATIENCE_SECONDS = 1_800;

/** What the demo needs of the services: plain REST, as any client would use it. */
export function patientClient(url: string, token?: string): PerdureClient {
  // The list of carts is polled in any case.
  return createPerdureClient({ url, token, retries: RETRIES, readsOwnWrites: false });
}
