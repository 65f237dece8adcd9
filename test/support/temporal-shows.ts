import type { Client } from '@temporalio/client';

/**
 * What Temporal shows of workflows without opening payloads: ids, types, search attributes, memos,
 * summaries, and everything in histories and pending activities except arguments and results.
 */
export async function shownByTemporal(client: Client, since: Date): Promise<readonly string[]> {
  const query = `StartTime >= "${since.toISOString()}"`;
  const shown: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const [{ raw }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
    shown.push(...[raw, ...(events ?? [])].map(visible));
  }
  return shown;
}

/** Fields whose payloads Temporal's UI shows next to the workflow or the failure. */
const OPEN = /^(memo|searchAttributes|userMetadata|summary|details)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4}){2,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function visible(message: object): string {
  return JSON.stringify(message, (key, value: unknown) => {
    if (!OPEN.test(key) && isPayloads(value)) return '(payloads)';
    if (typeof value !== 'string' || !BASE64.test(value)) return value;
    return `${value} ${Buffer.from(value, 'base64').toString('utf8')}`;
  }).replaceAll('\\"', '"');
}

/** Arguments, results and heartbeats. */
function isPayloads(value: unknown): boolean {
  const { payloads } = (value ?? {}) as { readonly payloads?: unknown };
  return Array.isArray(payloads);
}
