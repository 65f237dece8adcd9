import type { Pool } from 'pg';
import type { Logger } from '#libs/runtime/logger.js';
import { ApiKeyCache } from './api-key-cache.js';
import { ApiKeyStore } from './api-key-store.js';
import { ApiKeyTable } from './api-key-table.js';
import { ApiKeyUses } from './api-key-uses.js';
import { ApiKeyVerifier } from './api-key-verifier.js';
import { ApiKeys } from './api-keys.js';

/** The parts of a process that verify and manage API keys. */
export class ApiKeyParts {
  readonly verifier: ApiKeyVerifier;
  readonly keys: ApiKeys;
  private readonly uses: ApiKeyUses;

  /**
   * Queries in the pool must be limited in time. `usesMilliseconds`: how long uses are collected
   * before they are written.
   */
  constructor(pool: Pool, logger: Logger, usesMilliseconds?: number) {
    const store = new ApiKeyStore(new ApiKeyTable(pool));
    const cache = new ApiKeyCache({ load: (ids) => store.load(ids) });
    this.uses = new ApiKeyUses({ store, logger, pauseMilliseconds: usesMilliseconds });
    this.verifier = new ApiKeyVerifier({ cache, uses: this.uses });
    this.keys = new ApiKeys({ store, logger });
  }

  /** Writes when keys were last used. */
  close(): Promise<void> {
    return this.uses.close();
  }
}
