import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '#libs/testing/certificates.js';
import { ADDRESS, NAME, type SecuredPorts } from './secured-names.js';
import { TlsProxy } from './tls-proxy.js';

/**
 * The four servers, reached by TLS, each for clients with a certificate of one authority.
 * PostgreSQL and Kafka do it themselves. The development servers of Temporal and the event store
 * cannot, so proxies in front of them do.
 */
export class SecuredStack {
  private constructor(
    readonly folder: string,
    readonly authority: TestAuthority,
    readonly ports: SecuredPorts,
    private readonly child: ChildProcess,
    private readonly proxies: readonly TlsProxy[],
  ) {}

  static async start(): Promise<SecuredStack> {
    const folder = mkdtempSync(join(tmpdir(), 'perdure-secured-'));
    const authority = await TestAuthority.create('authority of the test');
    const files = await authority.issueFiles(join(folder, 'server'), 'servers', [ADDRESS, NAME]);
    const child = fork('dist/test/chaos/secured-stack-process.js', [folder]);
    const [plain] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown];
    if (!isPorts(plain)) throw new Error('the servers do not start');
    const [temporal, eventStore] = await Promise.all([
      TlsProxy.start(plain.temporal, files),
      TlsProxy.start(plain.eventStore, files),
    ]);
    const ports = { ...plain, temporal: temporal.port, eventStore: eventStore.port };
    return new SecuredStack(folder, authority, ports, child, [temporal, eventStore]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Otherwise it is the exit code of a process that could not start them. */
function isPorts(said: unknown): said is SecuredPorts {
  return typeof said === 'object' && said !== null;
}
