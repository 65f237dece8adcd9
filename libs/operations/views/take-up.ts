import type { OperationsClient } from '../cli/operations-client.js';
import { OperatorError } from '../cli/operator.errors.js';
import { printLine } from '../cli/print.js';
import { viewCalled } from './views.js';

export interface TakeUpOptions {
  readonly reason?: string;
  readonly data?: string;
  readonly type?: string;
  readonly schemaVersion?: number;
}

interface TakenUp {
  readonly result: 'caught-up' | 'parked';
  readonly revision: number;
  readonly folded: number;
  readonly reason?: string;
}

/**
 * Retries, skips or patches the current failed event of a parked entity. Throws {@link
 * OperatorError} if the entity stays parked.
 */
export async function takeUp(
  client: OperationsClient,
  verb: 'retry' | 'skip' | 'patch',
  key: string,
  stream: string,
  { reason, data, type, schemaVersion }: TakeUpOptions,
): Promise<void> {
  const { service } = await viewCalled(client, key);
  const path = `views/${encodeURIComponent(key)}/parked/${encodeURIComponent(stream)}`;
  const parked = await client.get<{ readonly revision: number }>(service, `${path}?limit=1`);
  const taken = await client.post<TakenUp>(service, `${path}/${verb}`, {
    // The decision is about this event only.
    revision: parked.revision,
    reason,
    ...(data !== undefined && { data: parseData(data) }),
    type,
    schemaVersion,
  });
  if (taken.result === 'parked') {
    throw new OperatorError(`still parked, at revision ${taken.revision}: ${taken.reason ?? ''}`);
  }
  printLine(`${stream} is caught up to revision ${taken.revision} (${taken.folded} events).`);
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OperatorError('--data must be JSON');
  }
}
