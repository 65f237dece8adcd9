import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

// Below the ports that systems hand out for outgoing connections: one of those could take the port of a server that restarts.
const LOWEST = 10_000;
const PORTS = 22_000;
/** How far apart the searches of two processes begin. A prime, so that processes with similar ids begin far apart. */
const APART = 1_009;

/** Whether something accepts connections at the address; an answer within `timeoutMs` counts. */
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
 * Different ports that nothing listens on now. Each process searches elsewhere, so two of them that start servers at the same
 * time do not find the same ports.
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

/** A server on the port; undefined when another has it. */
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
