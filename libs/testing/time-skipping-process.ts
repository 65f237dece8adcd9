import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import { InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { NativeConnection } from '@temporalio/worker';
import { retries } from '#libs/runtime/temporal-client.js';
import { freePorts, isListening } from '#tools/dev-stack/port.js';
import { waitUntil } from '#tools/dev-stack/wait-until.js';

/** The testing package would give it five seconds, which a busy machine misses. */
const START_MILLISECONDS = 60_000;
const HOST = '127.0.0.1';

/** A running time-skipping test server of Temporal, with connections to it. */
export interface TimeSkippingProcess {
  readonly client: Client;
  readonly nativeConnection: NativeConnection;
  /** Advances the server's clock, and lets everything happen that was due in between. */
  skip(milliseconds: number): Promise<void>;
  /** The server's time in milliseconds. */
  now(): Promise<number>;
  close(): Promise<void>;
}

/** Starts the program at `path` on a free port. */
export async function startTimeSkippingProcess(path: string): Promise<TimeSkippingProcess> {
  const [port = 0] = await freePorts(1);
  const child = spawn(path, [String(port)], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const isUp = async () => child.exitCode !== null || isListening(HOST, port);
  if (!(await waitUntil(isUp, { timeoutMs: START_MILLISECONDS })) || child.exitCode !== null) {
    kill();
    throw new Error(`${path} does not answer: exit code ${child.exitCode}`);
  }
  const options = {
    address: `${HOST}:${port}`,
    [InternalConnectionOptionsSymbol]: { supportsTestService: true },
  };
  const patient = { connectTimeout: START_MILLISECONDS, interceptors: retries };
  const connection = await Connection.connect({ ...options, ...patient });
  const nativeConnection = await NativeConnection.connect(options);
  const { testService } = connection;
  if (!testService) throw new Error('the connection has no test service');
  return {
    client: new Client({ connection }),
    nativeConnection,
    skip: async (milliseconds) =>
      void (await testService.unlockTimeSkippingWithSleep({ duration: msToTs(milliseconds) })),
    now: async () => tsToMs((await testService.getCurrentTime({})).time),
    close: async () => {
      await connection.close();
      await nativeConnection.close();
      kill();
      await ended;
      process.off('exit', kill);
    },
  };
}
