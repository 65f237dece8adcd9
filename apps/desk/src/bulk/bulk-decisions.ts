import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ApprovalCommand } from '#contracts/approval/approval.contract.js';
import { commandHeaders } from '#libs/api/entities/command-headers.js';
import { toEnvelope } from '#libs/api/entities/to-envelope.js';
import { callerOf, onlyForIn } from '#libs/api/http/access.js';
import { closingOf } from '#libs/api/http/closing.js';
import { toProblem } from '#libs/api/http/to-problem.js';
import { traceIdOf } from '#libs/api/http/trace-context.js';
import { streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { problems } from '#libs/core/problems.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { type EntityGateway, onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import { eachOf } from '#libs/runtime/each-of.js';
import type { Logger } from '#libs/runtime/logger.js';
import { rehearse } from '../domain/approval.rehearsal.js';
import { type ApprovalState, initialApproval } from '../domain/approval.state.js';
import type { bulkBody, bulkOutcome } from './bulk-decide.schemas.js';

type Bulk = z.output<typeof bulkBody>;
type Item = Bulk['items'][number];
type Outcome = z.output<typeof bulkOutcome>;

const AT_A_TIME = 8;
const DEFAULT_WAIT_SECONDS = 10;
/** With less time left, a command is only made durable. */
const SHORTEST_WAIT_MILLISECONDS = 100;

/**
 * Decides on many approvals for one caller. Each decision is the command that the caller could have
 * sent alone, under the same rules, and has its own outcome. A class, so that Nest can inject it.
 */
export class BulkDecisions {
  constructor(
    private readonly gateway: Pick<EntityGateway, 'execute' | 'send' | 'state'>,
    private readonly logger: Logger,
  ) {}

  /** The outcomes, in the order of the items. */
  async decide(request: FastifyRequest, { items, dryRun }: Bulk): Promise<readonly Outcome[]> {
    const { waitSeconds = DEFAULT_WAIT_SECONDS } = commandHeaders(request.headers);
    const until = Date.now() + waitSeconds * 1_000;
    const outcomes: Outcome[] = [];
    await eachOf([...items.entries()], AT_A_TIME, async ([index, item]) => {
      const outcome = dryRun ? this.rehearsed(request, item) : this.decided(request, item, until);
      outcomes[index] = await outcome.catch((error: unknown) => this.failed(request, item, error));
    });
    return outcomes;
  }

  private async rehearsed(request: FastifyRequest, item: Item): Promise<Outcome> {
    const { id: actor, tenant } = callerOf(request);
    const party = onlyForIn(request);
    const live = await this.gateway.state(streamName('approval', item.id, tenant), party);
    const at = toTimestamp(Date.now());
    const command = {
      ...commandOf(item),
      at,
      actor,
      ...(party && { roles: party.roles }),
    } as ApprovalCommand;
    const rejection = rehearse(command, (live?.state as ApprovalState | undefined) ?? initialApproval);
    if (!rejection) return { id: item.id, status: 'accepted' };
    return { id: item.id, status: 'rejected', code: rejection.code, detail: rejection.detail };
  }

  private async decided(request: FastifyRequest, item: Item, until: number): Promise<Outcome> {
    const { id } = item;
    const stream = streamName('approval', id, callerOf(request).tenant);
    const { type, data } = commandOf(item);
    // The key counts in each approval by itself, so the items have different keys.
    const headers = { ...commandHeaders(request.headers), expectedRevision: undefined };
    const envelope = toEnvelope(request, stream, headers, type, data);
    const { commandId } = envelope;
    const receipt = await this.send(stream, envelope, until - Date.now(), closingOf(request));
    if (receipt.status === 'pending') return { id, status: 'pending', commandId };
    if (receipt.status === 'accepted') {
      return { id, status: 'accepted', commandId, revision: receipt.revision, events: [...receipt.events] };
    }
    return { id, status: 'rejected', commandId, code: receipt.code, detail: receipt.detail };
  }

  private async send(stream: string, envelope: CommandEnvelope, wait: number, closing: AbortSignal) {
    if (wait >= SHORTEST_WAIT_MILLISECONDS) {
      return onlyReceipt(await this.gateway.execute(stream, [envelope], wait, closing));
    }
    await this.gateway.send(stream, [envelope]);
    return { status: 'pending' } as const;
  }

  private failed(request: FastifyRequest, { id }: Item, error: unknown): Outcome {
    const { code, detail } = toProblem(error);
    if (code === problems.internal.code) {
      this.logger.error({ err: error, trace: traceIdOf(request.headers) }, 'a decision failed');
    }
    return { id, status: 'failed', code, detail };
  }
}

function commandOf({ decision, contentHash, reason }: Item) {
  return decision === 'approve'
    ? { type: 'Approve', data: { contentHash, ...(reason !== undefined && { comment: reason }) } }
    : { type: 'Reject', data: { contentHash, reason: reason ?? 'rejected together with others' } };
}
