import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

// Below the ephemeral ports that systems use for outgoing connections: one of those could take the
// port of a server that restarts.
const LOWEST = 10_000;
const PORTS = 22_000;
/**
 * Distance between the search ranges of two processes. A prime, so that processes with similar ids
 * start far apart.
 */
const APART = 1_009;

/** Whether something accepts connections at the address within `timeoutMs`. */
export function isListening(host: string, port: number, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/**
 * Different ports on which nothing listens now. Each process searches another range, so concurrent
 * processes that start servers do not find the same ports.
 */
export async function freePorts(count: number): Promise<number[]> {
  const start = process.pid * APART + Math.floor(Math.random() * APART);
  const held: Server[] = [];
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried += 1) {
    if (tried === PORTS) throw new Error(`fewer than ${count} ports are free`);
    const port = LOWEST + ((start + tried) % PORTS);
    const server = await tryToListen(port);
    if (!server) continue;
    held.push(server);
    ports.push(port);
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Listens on the port, or returns undefined if it is taken. */
async function tryToListen(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
