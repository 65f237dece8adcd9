import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { searchAttributes } from '#tools/dev-stack/temporal-namespace.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import { createEntityGateway } from '#libs/entity/gateway/temporal-entity-gateway.js';
import { keepTemporalQuiet } from '#libs/testing/keep-temporal-quiet.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { startPatiently } from '#libs/testing/start-patiently.js';
import { deciders } from './services.js';

/**
 * Temporal's dev server, which treats dead workers like the real one, a store in memory, and the
 * gateway to the entities.
 */
export class TemporalServer {
  readonly store = new MemoryEventStore();
  private opened:
    { environment: TestWorkflowEnvironment; client: Client; gateway: EntityGateway } | undefined;

  /** `served`: rules by category; those of the services, unless others are given. */
  constructor(
    private readonly served: Readonly<Record<string, AnyDecider>> = deciders,
    private readonly dataConverter?: DataConverter,
  ) {}

  async open(): Promise<void> {
    keepTemporalQuiet();
    const environment = await startServer();
    const { connection } = environment;
    const { dataConverter } = this;
    const client = new Client({ connection, ...(dataConverter && { dataConverter }) });
    const gateway = createEntityGateway({ client, store: this.store, deciders: this.served });
    this.opened = { environment, client, gateway };
  }

  async close(): Promise<void> {
    await this.opened?.environment.teardown();
  }

  get address(): string {
    return this.running.environment.address;
  }

  get client(): Client {
    return this.running.client;
  }

  get gateway(): EntityGateway {
    return this.running.gateway;
  }

  private get running() {
    if (!this.opened) throw new Error('the server is not open');
    return this.opened;
  }
}

async function startServer(): Promise<TestWorkflowEnvironment> {
  const path = process.env['TEMPORAL_PROGRAM'];
  if (path === undefined) throw new Error('TEMPORAL_PROGRAM names no program: run this by jest');
  const extraArgs = searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
  const executable = { type: 'existing-path', path } as const;
  // Missing workers are expected.
  const log = { format: 'pretty', level: 'never' };
  return startPatiently(() =>
    TestWorkflowEnvironment.createLocal({ server: { executable, log, extraArgs } }),
  );
}
