import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from '#tools/dev-stack/port.js';
import { eventually, request } from './account-rest.js';

/** A process of a service, apart from those of the dev stack. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Ends it as `npm stop` does. Does nothing if it has ended. */
  stop(): Promise<void>;
}

/** Starts a process of a service on the servers of the tests, and waits until it is ready. */
export async function startServiceProcess(
  service: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<ServiceProcess> {
  const [port] = await freePorts(1);
  const { ROLES: _, ...env } = process.env;
  const own = { AUTH: 'off', LOG_LEVEL: 'silent', PORT: String(port) };
  const child = spawn(process.execPath, [`dist/apps/${service}/src/main.js`], {
    env: { ...env, ...own, ...settings },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  await eventually(
    () => request(`${url}/health/ready`),
    ({ status }) => status === 200,
    120_000,
  );
  return { child, url, stop };
}
