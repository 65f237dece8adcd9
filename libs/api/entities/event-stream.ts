import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { endIfStalled } from '../http/slow-readers.js';

const BUFFER_BYTES = 64 * 1024;

const EVENT_STREAM = /(?:^|,)\s*text\/event-stream\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i;

const HEADERS = {
  // The charset is needed: without it, our front server would wait forever for a frozen service.
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Keeps nginx from buffering the stream.
  'x-accel-buffering': 'no',
} as const;

/** Functions that end the open streams, by server. */
const open = new WeakMap<Server, Set<() => void>>();

/**
 * Ends every event stream when the server starts to close. Otherwise the server would wait for them
 * forever.
 */
export function endEventStreamsAtClose(fastify: FastifyInstance): void {
  const streams = new Set<() => void>();
  open.set(fastify.server, streams);
  fastify.addHook('preClose', async () => {
    for (const end of streams) end();
  });
}

/** Whether a client asks for server-sent events. */
export function wantsEventStream({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return EVENT_STREAM.test(headers.accept ?? '');
}

/**
 * Sends each frame once the client has read the previous ones. Buffers at most one frame in
 * addition to what the socket holds. Calls `close` when either side ends the stream.
 */
export function sendEventStream(reply: FastifyReply, frames: AsyncIterable<string>, close: () => void): void {
  const streams = open.get(reply.server.server);
  streams?.add(close);
  reply.raw.once('close', () => {
    streams?.delete(close);
    close();
  });
  // The client can resume from the last id.
  endIfStalled(reply.raw);
  const body = Readable.from(frames, { objectMode: false, highWaterMark: BUFFER_BYTES });
  void reply.headers(HEADERS).send(body);
}
