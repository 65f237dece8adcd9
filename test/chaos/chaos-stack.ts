import { DevStackCli } from '../integration/dev-stack-cli.js';

export type Server = 'temporal' | 'kafka' | 'postgres' | 'event-store';

/**
 * The four servers for a single test file, on their own ports and data, so that nothing else works
 * on them.
 */
export class ChaosStack {
  private constructor(
    private readonly cli: DevStackCli,
    /** The addresses. This process's environment has them too, until the servers are stopped. */
    readonly environment: Readonly<Record<string, string>>,
    private readonly before: Readonly<Record<string, string | undefined>>,
  ) {}

  static async start(): Promise<ChaosStack> {
    const cli = await DevStackCli.create();
    const { code, output } = await cli.run(['start', '--detach', '--no-services']);
    if (code !== 0) throw new Error(`the servers do not start:\n${output}`);
    const { TEMPORAL_PORT, KAFKA_PORT, EVENTSTORE_PORT } = cli.ports;
    const environment = {
      TEMPORAL_ADDRESS: `127.0.0.1:${TEMPORAL_PORT}`,
      KAFKA_BROKERS: `127.0.0.1:${KAFKA_PORT}`,
      EVENTSTORE_URL: `esdb://127.0.0.1:${EVENTSTORE_PORT}?tls=false&keepAliveInterval=3000&keepAliveTimeout=3000`,
      DATABASE_URL: cli.databaseUrl,
      AUTH: 'off',
    };
    const before = Object.fromEntries(Object.keys(environment).map((name) => [name, process.env[name]]));
    Object.assign(process.env, environment);
    endWithThisProcess(() => process.kill(cli.supervisorPid, 'SIGTERM'));
    return new ChaosStack(cli, environment, before);
  }

  /** kill -9. The server restarts by itself. */
  kill(server: Server): void {
    process.kill(this.cli.pidOf(server), 'SIGKILL');
  }

  async stop(): Promise<void> {
    for (const [name, value] of Object.entries(this.before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await this.cli.dispose();
  }
}

/** jest runs no tear-down when it is interrupted. */
function endWithThisProcess(end: () => void): void {
  process.once('exit', () => {
    try {
      end();
    } catch {
      // It was stopped gracefully.
    }
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}
