import type { FastifyRequest } from 'fastify';
import type { EntityContract } from '#contracts/entity-contract.js';
import { changesBetween } from '#libs/core/json-diff.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Present } from '#libs/core/public-state.js';
import type { DryRun, DryRuns } from '#libs/entity/gateway/dry-runs.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { Fold } from '#libs/entity/protocol/entity-messages.js';
import { extentOf } from '#libs/identity/policy.js';
import { callerOf } from '../http/access.js';
import type { CommandReply } from './command-reply.js';
import { type CommandRoutes, commandRoutes, readCommand } from './command-request.js';
import { maskFor, presentThrough } from './personal-mask.js';
import { completing, type Completions } from './completing-door.js';

/**
 * Answers what would come of a command. The request is checked and the command completed as if it
 * were sent. Throws problems.
 */
export class DryRunApi {
  private readonly routes: CommandRoutes;
  private readonly complete: ReturnType<typeof completing>;

  constructor(
    private readonly contract: EntityContract,
    gateway: EntityGateway,
    private readonly dryRuns: DryRuns,
    private readonly present: Present,
    complete: Completions | undefined,
  ) {
    this.routes = commandRoutes(contract);
    this.complete = completing(gateway, { [contract.name]: complete });
  }

  async run(request: FastifyRequest): Promise<CommandReply> {
    const { stream, tenant, envelope } = readCommand(this.contract, this.routes, request);
    const [completed = envelope] = await this.complete(stream, [envelope]);
    const run = await this.dryRuns.run(stream, completed);
    const { outcome } = run;
    const { revision } = outcome;
    if (outcome.status === 'rejected') {
      const { code, detail } = outcome;
      return answered({ outcome: 'rejected', revision, code, detail });
    }
    const isShown = this.mayRead(request, tenant, run);
    const mask = maskFor(this.contract, request);
    const shown = mask ? run.events.map((event) => mask.event(event)) : run.events;
    const events = shown.map(({ type, data }) => ({ type, ...(isShown && { data }) }));
    const present = presentThrough(mask, this.present);
    const changes = changesBetween(viewOf(run.before, present), viewOf(run.after, present));
    return answered({ outcome: 'accepted', revision, events, ...(isShown && { changes }) });
  }

  /** Who may send a command may not always see what it does. */
  private mayRead(request: FastifyRequest, tenant: string, run: DryRun): boolean {
    const caller = callerOf(request);
    if (tenant !== caller.tenant) return false;
    const extent = extentOf(this.contract.access.read, caller);
    return extent === 'full' || (extent === 'owner' && run.belongsTo(caller));
  }
}

function viewOf({ revision, state }: Fold, present: Present): JsonObject {
  return revision < 0 ? {} : (present(state as never) as JsonObject);
}

function answered(body: object): CommandReply {
  return { status: 200, headers: {}, body };
}
