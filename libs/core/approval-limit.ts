import { canonicalJson } from './canonical-json.js';
import type { Effect, SendAction } from './effect.js';
import { parseStreamName } from './entity-id.js';
import type { JsonObject } from './json.js';
import { sha256 } from './sha256.js';
import { type Timestamp, toMilliseconds, toTimestamp } from './timestamp.js';

// What the rules of entities with an approval limit share. An entity that uses it has the internal
// commands `RecordApproval` and `DropRequest`.

/** The category of approvals. Rules of a library cannot import their contract. */
const APPROVAL = 'approval';

/** Who approves what is above a limit, and how soon. */
export interface Approvers {
  readonly candidates: readonly string[];
  readonly needed: number;
  readonly withinSeconds: number;
}

/** The approval that something waits for. */
export interface AwaitedApproval {
  readonly approvalId: string;
  readonly contentHash: string;
  readonly deadline: Timestamp;
}

/** Waiting requests that an entity may have. */
export const MAX_WAITING_REQUESTS = 100;

/** Whether more approvals are needed than the candidates can give. A role may have any number. */
export function areTooFew({ candidates, needed }: Pick<Approvers, 'candidates' | 'needed'>): boolean {
  return new Set(candidates).size < needed && !candidates.some((one) => one.startsWith('role:'));
}

interface Asking {
  readonly at: Timestamp;
  readonly id?: string;
  readonly entityId?: string;
}

/**
 * The approval that a command of an entity has to wait for. Its id is derived from that of the
 * command, so it is the same for every attempt, and nobody can use it up beforehand. `until` is the
 * time after which the approval would be of no use.
 */
export function approvalFor(
  category: string,
  { at, id = '', entityId = '' }: Asking,
  content: JsonObject,
  { withinSeconds }: Approvers,
  until?: Timestamp,
): AwaitedApproval {
  const deadline = toTimestamp(toMilliseconds(at) + withinSeconds * 1_000);
  return {
    approvalId: `${category}-${sha256(`${category}/${entityId}/${id}`).slice(0, 32)}`,
    contentHash: sha256(canonicalJson(content)),
    deadline: until !== undefined && until < deadline ? until : deadline,
  };
}

/** Requests an approval. The entity hears how it ended, or that the request was refused. */
export function requestApproval(
  { approvalId, contentHash, deadline }: AwaitedApproval,
  { candidates, needed }: Approvers,
  subject: string,
  content: JsonObject,
): Effect {
  const answer = (outcome: string) => ({ type: 'RecordApproval', data: { outcome } });
  const [approved, refused, withdrawn] = [answer('approved'), answer('refused'), answer('withdrawn')];
  return {
    key: requestKey(approvalId),
    action: send(approvalId, 'Request', {
      ...{ subject, content, contentHash, candidates, needed, deadline },
      answers: { approved, refused, withdrawn },
    }),
    reply: 'DropRequest',
    replyOn: 'refusal',
    echo: approvalId,
  };
}

/**
 * Withdraws an approval that nothing waits for any more. The request must arrive first. A refusal
 * says that there is nothing to withdraw, and the entity drops it.
 */
export function withdrawApproval(approvalId: string, reason: string): Effect {
  return {
    key: `withdraw:${approvalId}`,
    action: send(approvalId, 'Withdraw', { reason }),
    follows: requestKey(approvalId),
    reply: 'DropRequest',
    replyOn: 'refusal',
    echo: approvalId,
  };
}

/** The key of the effect that requests an approval. */
export function requestKey(approvalId: string): string {
  return `request:${approvalId}`;
}

interface Answer {
  readonly sender?: string;
  readonly data: { readonly approval: { readonly id: string; readonly contentHash: string } };
}

/** Whether an answer comes from the approval that was requested, and is for the same content. */
export function isAnswerOf({ approvalId, contentHash }: AwaitedApproval, { sender, data }: Answer): boolean {
  const from = parseStreamName(sender ?? '');
  const isFromApproval = from?.category === APPROVAL && from.id === approvalId;
  return isFromApproval && data.approval.contentHash === contentHash;
}

function send(id: string, type: string, data: JsonObject): SendAction {
  return { kind: 'send', to: { category: APPROVAL, id }, command: { type, data } };
}
