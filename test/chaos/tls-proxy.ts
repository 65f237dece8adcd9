import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { PairFiles } from '#libs/testing/certificates.js';

/** Takes gRPC by TLS from clients with a certificate, and passes it on without TLS. */
export class TlsProxy {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  static async start(port: number, { cert, key, ca }: PairFiles): Promise<TlsProxy> {
    const own = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) };
    const asked = { requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] };
    const server = createServer({ ...own, ...asked }, (client) => {
      const upstream = connect(port, '127.0.0.1');
      client.pipe(upstream).pipe(client);
      client.on('error', () => upstream.destroy()).once('close', () => upstream.destroy());
      upstream.on('error', () => client.destroy()).once('close', () => client.destroy());
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TlsProxy(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
