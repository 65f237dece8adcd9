import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { withinOrFail } from '#libs/runtime/within.js';
import { answerClientError } from './client-error.js';
import { ARRIVAL_MILLISECONDS } from './server-options.js';

/** The types of files that are streamed rather than read into memory. */
export const UPLOAD_TYPES = ['text/csv', 'application/x-ndjson'];

/** How long a file may take to arrive, */
const UPLOAD_MILLISECONDS = 15 * 60_000;
/** and how long its sender may be silent. */
const SILENCE_MILLISECONDS = 30_000;

/** How long requests to a server may take to arrive. */
interface Arrivals {
  /** Whether a request brings a file. */
  readonly isUpload: (request: FastifyRequest) => boolean;
  readonly arrivalMilliseconds?: number;
  readonly uploadMilliseconds?: number;
}

/** The type of the file that a request brings; undefined if its body is none. */
export function uploadTypeOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  return UPLOAD_TYPES.find((one) => one === type.trim().toLowerCase());
}

/**
 * Gives files the time to arrive that they need. Node has one limit for all requests, so the
 * shorter one for all others is kept here.
 */
export function letUploadsArrive(
  fastify: FastifyInstance,
  {
    isUpload,
    arrivalMilliseconds = ARRIVAL_MILLISECONDS,
    uploadMilliseconds = UPLOAD_MILLISECONDS,
  }: Arrivals,
): void {
  fastify.server.requestTimeout = uploadMilliseconds;
  fastify.addHook('onRequest', async (request) => {
    const { raw, headers } = request;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (!hasBody || isUpload(request)) return;
    const late = Object.assign(new Error('the request is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    const timer = setTimeout(() => answerClientError(late, raw.socket), arrivalMilliseconds);
    const clear = () => clearTimeout(timer);
    raw.once('end', clear).once('close', clear);
  });
}

/**
 * Lets a server take files at the routes that ask for them (`takesUpload`, see `Allow`): their body
 * is a stream.
 */
export function takeUploads(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', ({ config }) => {
    if (!takesUpload(config) || hasTime.has(fastify)) return;
    hasTime.add(fastify);
    letUploadsArrive(fastify, { isUpload: ({ routeOptions }) => takesUpload(routeOptions.config) });
  });
  fastify.addContentTypeParser(UPLOAD_TYPES, ({ routeOptions }, payload, done) => {
    if (takesUpload(routeOptions.config)) done(null, payload);
    else done(new ProblemError(problems.unsupportedMediaType, 'send the body as application/json'));
  });
}

/** The servers whose limits make room for files. */
const hasTime = new WeakSet<FastifyInstance>();

function takesUpload(config: unknown): boolean {
  return (config as { readonly takesUpload?: boolean } | undefined)?.takesUpload === true;
}

/** The content of a file as it arrives. Throws a problem if its sender is silent for too long. */
export async function* arriving(
  body: AsyncIterable<Uint8Array>,
  silenceMilliseconds = SILENCE_MILLISECONDS,
): AsyncGenerator<Uint8Array> {
  const parts = body[Symbol.asyncIterator]();
  for (;;) {
    const silent = new ProblemError(problems.timeout, `nothing arrived for ${silenceMilliseconds / 1_000} s`);
    const part = await withinOrFail(parts.next(), silenceMilliseconds, silent);
    if (part.done === true) return;
    yield part.value;
  }
}
