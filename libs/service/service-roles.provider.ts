import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type HealthCheck, HealthChecks } from '#libs/api/http/health.controller.js';
import { stopInOrder } from '#libs/api/http/run-service.js';
import { EventFeeds } from '#libs/event-store/feeds/event-feeds.js';
import { Authenticator } from '#libs/identity/authenticator.js';
import { accessChecks } from './auth-config.js';
import { engineChecks } from './engine-checks.js';
import { closersOf } from './engines.js';
import { ProcessRegistry } from '#libs/operations/workers/process-registry.js';
import type { Supervision } from '#libs/runtime/worker-host.js';
import { HostedService } from './hosted-service.js';
import { watchMemory } from './memory-watch.js';
import { reportProcess } from './process-reporter.js';
import { EXIT_CODES, ProcessEnd } from './process-end.js';
import type { RunningRole } from './roles/running-role.js';
import { startRoles } from './roles/start-roles.js';
import { Tracing } from './tracing-config.js';

/**
 * Starts the roles with the application and stops them with it. Requests end first, then the roles,
 * then the connections, and the last spans are exported. A role waits for servers that do not
 * answer, so they never make the start fail.
 */
@Injectable()
export class ServiceRoles
  extends HealthChecks
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private roles: readonly RunningRole[] = [];
  private readonly end = new ProcessEnd();
  private reporter: { close(): Promise<void> } | undefined;
  private memory: { close(): void } | undefined;
  private feedsClosed: Promise<void> = Promise.resolve();

  constructor(
    private readonly hosted: HostedService,
    private readonly feeds: EventFeeds,
    private readonly authenticator: Authenticator,
    private readonly tracing: Tracing,
  ) {
    super();
  }

  override all(): readonly HealthCheck[] {
    const { engines, config } = this.hosted.options;
    const ofRoles = [this.end.check, ...this.roles.map(({ check }) => check)];
    return [...accessChecks(config), ...engineChecks(engines, config.ROLES), ...ofRoles];
  }

  onApplicationBootstrap(): void {
    this.limitMemory();
    const supervision: Supervision = {
      restart: this.hosted.options.process?.restart,
      onGivenUp: ({ taskQueue }) =>
        this.end.announce(`the worker of ${taskQueue} has failed`, EXIT_CODES.failed),
    };
    this.roles = startRoles(this.hosted, { authenticator: this.authenticator, supervision });
    this.reporter = this.report();
  }

  private report() {
    const { engines, config, logger, process = { name: this.hosted.name } } = this.hosted.options;
    return reportProcess({
      service: this.hosted.name,
      config,
      limits: process,
      workers: () => this.roles.flatMap(({ workers = [] }) => workers),
      end: this.end,
      registry: new ProcessRegistry(engines.queryPool),
      logger,
    });
  }

  private limitMemory(): void {
    const { process: { memoryBytes: limitBytes } = {}, logger } = this.hosted.options;
    if (limitBytes === undefined) return;
    this.memory = watchMemory(limitBytes, (residentBytes) => {
      logger.error(
        { bytes: residentBytes, detail: `the limit is ${limitBytes}` },
        'the process takes more memory than it may, and ends',
      );
      this.end.announce('it takes more memory than it may', EXIT_CODES.memory);
    });
  }

  /**
   * Nest closes the HTTP server after this hook, and would wait for open feeds, which are requests.
   */
  beforeApplicationShutdown(): void {
    this.feedsClosed = stopInOrder([[this.feeds]], this.hosted.options.logger);
  }

  async onApplicationShutdown(): Promise<void> {
    const { engines, logger } = this.hosted.options;
    this.memory?.close();
    await this.feedsClosed;
    const reporter = this.reporter ? [this.reporter] : [];
    await stopInOrder(
      [[...this.roles, this.hosted.apiKeys], reporter, closersOf(engines), [this.tracing]],
      logger,
    );
  }
}
