import { UnknownVersionError } from '#libs/core/upcast.js';
import { EngineUnavailableError } from './entity-gateway.js';

/**
 * The error of a server that is away: the stream can still answer. Throws any other error.
 */
export function ignoreAwayButKeep(error: unknown): EngineUnavailableError {
  if (error instanceof EngineUnavailableError) return error;
  throw error;
}

/** Reads the store. Throws `EngineUnavailableError` if it does not answer. */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnknownVersionError) throw error;
    throw new EngineUnavailableError('event-store', { cause: error });
  }
}
