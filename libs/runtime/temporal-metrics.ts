const PATIENCE_MILLISECONDS = 2_000;

/** Undefined as long as no worker was started in this process. */
let address: string | undefined;

/** The core of Temporal's SDK, of which a process has one, serves its metrics at this address. */
export function readTemporalMetricsAt(url: string): void {
  address = url;
}

/**
 * What the core of Temporal's SDK measures in the workers of this process, in the text format of
 * Prometheus: https://docs.temporal.io/references/sdk-metrics. Times are in
 * milliseconds. Empty if no worker was started here, or if the core does not answer within two
 * seconds.
 */
export async function temporalMetrics(): Promise<string> {
  if (address === undefined) return '';
  try {
    const reply = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
    return reply.ok ? await reply.text() : '';
  } catch {
    return '';
  }
}
