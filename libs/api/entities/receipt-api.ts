import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ProblemError } from '#libs/core/problem-error.js';
import { InvalidRequestError, problems } from '#libs/core/problems.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import type { EntityGateway, Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { type CommandStages, isReached, type StageName, STAGES } from '#libs/entity/memory/command-stages.js';
import type { StageFinder } from '#libs/entity/memory/stage-finder.js';
import { callerOf, onlyForIn } from '../http/access.js';
import { closingOf } from '../http/closing.js';
import { preferencesOf } from './command-headers.js';
import { type CommandReply, linksOf } from './command-reply.js';
import { consistencyTokenOf } from './consistency-token.js';
import { sendEventStream } from './event-stream.js';
import { type Standing, standings } from './standings.js';
import { stageFrames } from './stage-frames.js';
import { invalidId } from '../http/validate.js';
import { validateQuery } from '../http/validate.js';

/**
 * A command id: one of our UUIDs, or `<saga>/<step>` for a command that a saga sends. A part that
 * consists only of dots would lead to another address.
 */
export const COMMAND_ID =
  /^\.*[A-Za-z0-9_~@:-][A-Za-z0-9._~@:-]*(?:\/\.*[A-Za-z0-9_~@:-][A-Za-z0-9._~@:-]*)*$/;
export const COMMAND_ID_LENGTH = 300;

const receiptQuery = z.strictObject({ until: z.enum(STAGES).optional() });

/**
 * Serves the receipt of a command: its current status, its status after a wait, or a feed of its
 * stages. Throws problems.
 */
export class ReceiptApi {
  constructor(
    private readonly contract: EntityContract,
    private readonly gateway: EntityGateway,
    private readonly stages: StageFinder,
  ) {}

  /**
   * Returns the receipt. With `Prefer: wait=N`, waits until the command reaches the requested stage
   * or the time is up.
   */
  async receipt(request: FastifyRequest): Promise<CommandReply> {
    const { until = 'decided' } = validateQuery(receiptQuery, request.query);
    stageIn(request.headers['last-event-id']);
    const { waitSeconds, preferenceApplied } = preferencesOf(request.headers['prefer']);
    let standing = await this.ask(request);
    if (waitSeconds !== undefined && !isReached(standing.stages, until)) {
      standing = await this.wait(request, standing, until, waitSeconds * 1_000);
    }
    const { receipt, stream, body } = standing;
    const headers = {
      ...(receipt.status === 'accepted' && consistencyTokenOf(stream, receipt.revision)),
      ...(waitSeconds !== undefined && { 'preference-applied': String(preferenceApplied) }),
    };
    return { status: 200, headers, body };
  }

  /**
   * Sends the receipt as server-sent events: one for each stage, up to the requested stage or else
   * the last.
   */
  async follow(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { until = 'projected' } = validateQuery(receiptQuery, request.query);
    const told = stageIn(request.headers['last-event-id']);
    const first = await this.ask(request);
    if (told !== undefined && STAGES.indexOf(told) >= lastStage(first.stages, until)) {
      // This tells a reconnecting browser to stop.
      await reply.status(204).send();
      return;
    }
    const closing = new AbortController();
    const all = standings(first, () => this.ask(request), closing.signal);
    sendEventStream(reply, stageFrames(all, told, until), () => closing.abort());
  }

  private async wait(
    request: FastifyRequest,
    first: Standing,
    until: StageName,
    milliseconds: number,
  ): Promise<Standing> {
    let last = first;
    const end = AbortSignal.any([AbortSignal.timeout(milliseconds), closingOf(request)]);
    for await (const standing of standings(first, () => this.ask(request), end)) {
      last = standing;
      if (isReached(standing.stages, until)) break;
    }
    return last;
  }

  private async ask(request: FastifyRequest): Promise<Standing> {
    const { id = '', commandId = '' } = request.params as Partial<Record<string, string>>;
    if (!isEntityId(id)) throw invalidId();
    const stream = streamName(this.contract.name, id, callerOf(request).tenant);
    const onlyFor = onlyForIn(request);
    const receipt = isCommandId(commandId)
      ? await this.gateway.receipt(stream, commandId, onlyFor)
      : undefined;
    if (!receipt) {
      throw new ProblemError(
        problems.commandNotFound,
        `the ${this.contract.name} never received this command`,
      );
    }
    const stages = await this.stages.find(stream, receipt);
    const links = linksOf(this.contract, id, commandId);
    return { stream, receipt, stages, body: { id, ...shown(receipt), stages, links } };
  }
}

/** Leaves out the times that the stages already show: when the command was sent and decided. */
function shown(receipt: Receipt) {
  if (receipt.status === 'accepted') return receipt;
  const { sentAt: _, ...told } = receipt;
  if (told.status === 'pending') return told;
  const { decidedAt: __, ...outcome } = told;
  return outcome;
}

/**
 * The index of the last stage that the command can reach. A rejected or failed command stops at its
 * decision.
 */
function lastStage({ decided }: CommandStages, until: StageName): number {
  const cameToNothing = decided.outcome === 'rejected' || decided.outcome === 'failed';
  return cameToNothing ? 0 : STAGES.indexOf(until);
}

function stageIn(id: string | string[] | undefined): StageName | undefined {
  if (id === undefined || id === '') return undefined;
  const stage = STAGES.find((name) => name === id);
  if (stage) return stage;
  throw new InvalidRequestError(problems.invalidHeader, [
    { header: 'Last-Event-ID', detail: `must be one of ${STAGES.join(', ')}` },
  ]);
}

function isCommandId(text: string): boolean {
  return text.length <= COMMAND_ID_LENGTH && COMMAND_ID.test(text);
}
