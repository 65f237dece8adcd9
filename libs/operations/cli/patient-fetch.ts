import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { Fetch } from '#libs/client/connection.js';

/** Statuses whose answers have no body. */
const EMPTY = new Set([204, 304]);

/**
 * Like `fetch`, which gives up after five minutes: moving the rows of a view may take ten. Waits
 * until its signal ends it.
 */
export const patientFetch: Fetch = async (url, { method, headers, body, signal }) => {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, { method, headers, signal }, resolve).on('error', reject);
    if (!(body instanceof ReadableStream)) asked.end(body);
    else
      Readable.fromWeb(body as NodeStream<Uint8Array>)
        .once('error', reject)
        .pipe(asked);
  });
  const { statusCode: status = 0, statusMessage: statusText = '' } = response;
  const content = EMPTY.has(status) ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
  return new Response(content, { status, statusText, headers: headersOf(response) });
};

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return headers;
}
