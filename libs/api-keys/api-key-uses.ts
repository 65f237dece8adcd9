import { ChangeLog } from '#libs/runtime/change-log.js';
import type { Logger } from '#libs/runtime/logger.js';
import type { ApiKeyStore } from './api-key-store.js';

const PAUSE_MILLISECONDS = 20_000;
const MOST_KEYS = 10_000;

export interface ApiKeyUsesOptions {
  readonly store: Pick<ApiKeyStore, 'noteUses'>;
  readonly logger: Logger;
  /** How long uses are collected before they are written (default: 20 s). */
  readonly pauseMilliseconds?: number | undefined;
}

/**
 * Collects when keys are used, and writes it in the background. Nothing waits for it, and what
 * cannot be written is tried again with the next use.
 */
export class ApiKeyUses {
  private uses = new Map<string, Date>();
  private timer: NodeJS.Timeout | undefined;
  private readonly log: ChangeLog;

  constructor(private readonly options: ApiKeyUsesOptions) {
    this.log = new ChangeLog(options.logger);
  }

  note(id: string, at: Date): void {
    if (this.uses.size < MOST_KEYS || this.uses.has(id)) this.uses.set(id, at);
    const { pauseMilliseconds = PAUSE_MILLISECONDS } = this.options;
    this.timer ??= setTimeout(() => void this.write(), pauseMilliseconds).unref();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.write();
  }

  private async write(): Promise<void> {
    this.timer = undefined;
    const uses = this.uses;
    if (uses.size === 0) return;
    this.uses = new Map();
    try {
      await this.options.store.noteUses(uses);
      this.log.well();
    } catch (error) {
      this.log.failing('the last uses of API keys cannot be written', error);
      this.uses = new Map([...uses, ...this.uses]);
    }
  }
}
