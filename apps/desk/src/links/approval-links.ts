import { Counter } from 'prom-client';
import { approvalContract } from '#contracts/approval/approval.contract.js';
import {
  acceptedForLater,
  type CommandReply,
  linksOf,
  outcomeReply,
} from '#libs/api/entities/command-reply.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { ProblemError, type ProblemKind } from '#libs/core/problem-error.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { keyedCommandIds } from '#libs/entity/gateway/command-id.js';
import { type EntityGateway, onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import type { FindAddress } from './address-book.js';
import type { ApprovalLink, LinkTokens } from './link-tokens.js';

const WAIT_MILLISECONDS = 10_000;

/** Why a link does not count. Which of the reasons it is, only the metric says. */
export const linkProblems = {
  invalid: {
    code: 'APPROVAL_LINK.INVALID',
    status: 403,
    title: 'The link does not count, or does not count any more',
  },
} as const satisfies Record<string, ProblemKind>;

const used = new Counter({
  name: 'perdure_approval_links_total',
  help: 'Links of mails that were followed and confirmed: valid, forged, expired, or of somebody who has left',
  labelNames: ['link'],
});

/** Decides on approvals by the links of mails. A class, so that Nest can inject it. */
export class ApprovalLinks {
  constructor(
    private readonly tokens: LinkTokens,
    private readonly addressOf: FindAddress,
    private readonly gateway: Pick<EntityGateway, 'execute'>,
  ) {}

  /**
   * Makes the choice of a link. A link that was used gets its first outcome, and the other link of
   * the same mail is refused. Throws problems.
   */
  async follow(token: string, closing?: AbortSignal): Promise<CommandReply> {
    const link = this.tokens.read(token, Date.now());
    if (typeof link === 'string') throw refusal(link);
    const { stream, person } = link;
    const { tenant = '', id = '' } = parseStreamName(stream) ?? {};
    // Links are not withdrawn when somebody leaves, so the address book is asked again.
    if ((await this.addressOf(tenant, person)) === undefined) throw refusal('left');
    used.inc({ link: 'valid' });
    const envelope = envelopeOf(link, tenant);
    const { commandId } = envelope;
    const links = linksOf(approvalContract, id, commandId);
    const asked = { stream, id, commandId, links, creates: false, preferenceApplied: undefined };
    const receipt = onlyReceipt(await this.gateway.execute(stream, [envelope], WAIT_MILLISECONDS, closing));
    return receipt.status === 'pending'
      ? acceptedForLater(asked)
      : outcomeReply(approvalContract, asked, receipt);
  }
}

/**
 * The command that a link stands for, from its person and without any role. Its key is the nonce of
 * the mail; its correlation id shows that it came by a link.
 */
function envelopeOf(link: ApprovalLink, tenant: string): CommandEnvelope {
  const { stream, person, choice, contentHash, nonce } = link;
  const command =
    choice === 'approve'
      ? { type: 'Approve', data: { contentHash } }
      : { type: 'Reject', data: { contentHash, reason: 'rejected by the link in a mail' } };
  const { type, data } = command;
  const ids = keyedCommandIds({ tenant, caller: person, entity: stream, key: `link ${nonce}` }, type, data);
  return {
    ...ids,
    type,
    data,
    actor: person,
    onlyFor: person,
    correlationId: `link:${nonce}`,
    causationId: ids.commandId,
    sentAt: toTimestamp(Date.now()),
  };
}

function refusal(reason: 'forged' | 'expired' | 'left'): ProblemError {
  used.inc({ link: reason });
  return new ProblemError(linkProblems.invalid, 'open the approval itself to decide on it');
}
