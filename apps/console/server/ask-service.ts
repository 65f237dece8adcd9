import type { Service } from './services.js';

const PATIENCE_MILLISECONDS = 5_000;

/** The status and JSON of a service's answer at a path, or undefined if it does not answer. */
export async function askService(
  { url }: Service,
  path: string,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> } | undefined> {
  try {
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}
