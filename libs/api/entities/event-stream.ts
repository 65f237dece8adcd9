import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A listener that takes nothing for so long is disconnected; it comes again with the last id it has. */
const STALLED_MILLISECONDS = 60_000;
const BUFFER_BYTES = 64 * 1024;

const EVENT_STREAM = /(?:^|,)\s*text\/event-stream\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i;

const HEADERS = {
  // With its charset: without it our front server would wait for ever for a service that stands still.
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would keep it back otherwise.
  'x-accel-buffering': 'no',
} as const;

/** What ends the streams that are open now, by server. */
const open = new WeakMap<Server, Set<() => void>>();

/** Ends every event stream when the server begins to close: it would wait for them in vain. */
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
 * Answers with frames as they come, each as soon as the client has taken those before; `close` is called once when either side
 * ends. It never holds more than a frame and what the socket does.
 */
export function sendEventStream(reply: FastifyReply, frames: AsyncIterable<string>, close: () => void): void {
  const streams = open.get(reply.server.server);
  streams?.add(close);
  reply.raw.once('close', () => {
    streams?.delete(close);
    close();
  });
  reply.raw.setTimeout(STALLED_MILLISECONDS, () => reply.raw.destroy());
  const body = Readable.from(frames, { objectMode: false, highWaterMark: BUFFER_BYTES });
  void reply.headers(HEADERS).send(body);
}
