import { setTimeout as pause } from 'node:timers/promises';
import { EngineUnavailableError, EntityBusyError } from './entity-gateway.js';

/**
 * What an update is answered in time. Undefined when the time is up first, be it that of the update itself, or when the run ended or
 * was lost under it: whether it was taken is unknown then, and sending it again is safe. Throws `EngineUnavailableError` and `EntityBusyError`.
 */
export async function settledWithin<T>(update: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([update, pause(milliseconds, undefined, { signal: timer.signal })]);
  } catch (error) {
    if (error instanceof EngineUnavailableError || error instanceof EntityBusyError) throw error;
    return undefined;
  } finally {
    timer.abort();
  }
}
