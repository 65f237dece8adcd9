import type { Server as HttpServer } from 'node:http';
import type { Http2Server } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { isLoopback } from '#libs/runtime/is-loopback.js';
import type { Logger } from '#libs/runtime/logger.js';
import { DEFAULT_ERASER_SETTINGS, type EraserSettings } from './eraser.js';
import { EventLog } from './event-log.js';
import { EventStoreServerError } from './event-store-server.errors.js';
import { addLeftOutServices } from './left-out-services.js';
import { gossipHandler, supportedMethodsHandler } from './node-handlers.js';
import { OpenCalls } from './open-calls.js';
import { GossipService, ServerFeaturesService } from './protocol.js';
import { statusServer } from './status-server.js';
import { STREAMS_SERVICE, streamsHandlers } from './streams-handlers.js';

const HTTP2_PREFACE = 'PRI * HTTP/2';
const TLS_HANDSHAKE = 0x16;
const LONGEST_FAREWELL_MILLISECONDS = 1_000;
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;
/**
 * How much a client may send before it waits for the server: about the largest append. The default
 * is 64 kB.
 */
const WINDOW_BYTES = 1024 * 1024;

export interface EventStoreServerOptions {
  readonly port: number;
  /** A loopback address. Others are refused. */
  readonly host?: string;
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly eraser?: Partial<EraserSettings>;
  /**
   * Called when another server has taken over the database, which is possible once the connection
   * is lost. This server must then end.
   */
  readonly onUsurped?: (error: EventStoreServerError) => void;
}

export interface EventStoreServer {
  /** `esdb://…` */
  readonly address: string;
  close(): Promise<void>;
}

/** Throws `EventStoreServerError` for an address that other machines could reach. */
export function assertLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new EventStoreServerError(
    `the embedded event store binds to loopback addresses only, not to ${host}`,
  );
}

/**
 * An event store for one machine: EventStoreDB's gRPC protocol on PostgreSQL, with `/health/live`
 * and `/stats` over HTTP on the same port. Throws `EventStoreServerError` if the host is not
 * loopback, the port is taken, or another server has the database.
 */
export async function startEventStoreServer(options: EventStoreServerOptions): Promise<EventStoreServer> {
  const { port, host = '127.0.0.1', databaseUrl, logger, onUsurped = () => undefined } = options;
  assertLoopback(host);
  const eraser = { ...DEFAULT_ERASER_SETTINGS, ...options.eraser };
  const log = new EventLog({ databaseUrl, logger, eraser, onUsurped });
  try {
    await log.open();
    const calls = new OpenCalls();
    const grpc = grpcServer(log, calls, host, port);
    const http = statusServer(log);
    const closePort = await listen(options, host, grpc, http);
    return {
      address: `esdb://${host}:${port}?tls=false`,
      close: async () => {
        // End all calls with a status before the connections close. Clients that do not react are
        // not waited for.
        calls.stop();
        const told = new Promise<void>((resolve) => grpc.tryShutdown(() => resolve()));
        await Promise.race([told, pause(LONGEST_FAREWELL_MILLISECONDS, undefined, { ref: false })]);
        grpc.forceShutdown();
        await setImmediate();
        await closePort();
        http.closeAllConnections();
        await log.close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}

function grpcServer(log: EventLog, calls: OpenCalls, host: string, port: number): Server {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
  });
  server.addService(STREAMS_SERVICE, streamsHandlers(log, calls));
  addLeftOutServices(server);
  server.addService(GossipService, { read: gossipHandler(host, port) });
  server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethodsHandler });
  return server;
}

/**
 * grpc-js has an option for this, but so far only its client uses it:
 * https://github.com/grpc/grpc-node/pull/3058.
 */
function widenWindows(grpc: Server): void {
  const servers = grpc['http2Servers'] as ReadonlyMap<Http2Server, unknown>;
  for (const server of servers.keys()) {
    server.on('session', (session) => {
      session.settings({ initialWindowSize: WINDOW_BYTES });
      session.setLocalWindowSize(WINDOW_BYTES);
    });
  }
}

/**
 * gRPC and HTTP/1.1 share the port, as in the real server: the first bytes decide. Returns a
 * function that closes it.
 */
async function listen(
  { port, logger }: EventStoreServerOptions,
  host: string,
  grpc: Server,
  http: HttpServer,
): Promise<() => Promise<void>> {
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  widenWindows(grpc);
  const sockets = new Set<Socket>();
  const net = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null;
      if (!first) return;
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) {
        // The client could not read a response, so report the reason where the server was started.
        logger.warn('a client requested TLS, which is not supported: connect with ?tls=false');
        socket.destroy();
      } else if (first.toString('latin1').startsWith(HTTP2_PREFACE.slice(0, first.length)))
        injector.injectConnection(socket);
      else http.emit('connection', socket);
    });
  });
  await new Promise<void>((resolve, fail) => {
    net.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      fail(isTaken ? new EventStoreServerError(`port ${port} is taken by another program`) : error);
    });
    net.listen(port, host, resolve);
  });
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => net.close(resolve));
  };
}
