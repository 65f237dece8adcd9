import { get as getByHttp, type IncomingMessage } from 'node:http';
import { get as getByHttps } from 'node:https';
import { json } from 'node:stream/consumers';
import type { Service } from './services.js';

const PATIENCE_MILLISECONDS = 5_000;

/** How a service is asked. */
interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly milliseconds?: number;
}

/** The status and JSON of a service's answer at a path, or undefined if it does not answer. */
export async function askService(
  { url, tls }: Pick<Service, 'url' | 'tls'>,
  path: string,
  { headers = {}, milliseconds = PATIENCE_MILLISECONDS }: Asking = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> } | undefined> {
  const get = url.startsWith('https:') ? getByHttps : getByHttp;
  const options = { ...tls, headers, signal: AbortSignal.timeout(milliseconds) };
  try {
    // Not `fetch`, which sends no client certificate.
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${url}${path}`, options, resolve).once('error', reject),
    );
    return { status: response.statusCode ?? 0, body: (await json(response)) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}
