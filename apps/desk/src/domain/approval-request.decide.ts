import type { ApprovalCommand, ApprovalEvent } from '#contracts/approval/approval.contract.js';
import type { ApprovalRejectionCode } from '#contracts/approval/approval.rejections.js';
import { areTooFew } from '#libs/core/approval-limit.js';
import { canonicalJson } from '#libs/core/canonical-json.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import { sha256 } from '#libs/core/sha256.js';
import { toMilliseconds } from '#libs/core/timestamp.js';

type Request = Extract<ApprovalCommand, { type: 'Request' }>;

const YEAR_MILLISECONDS = 366 * 24 * 60 * 60 * 1_000;

/**
 * The requester is the caller, or the one for whom an entity requests. Only an entity is answered:
 * a caller could otherwise have commands sent that it may not send itself.
 */
export function requestApproval(command: Request): readonly ApprovalEvent[] | Rejection {
  const { data, id, actor = '', onBehalfOf, sender } = command;
  const requester = onBehalfOf ?? actor;
  const { contentHash: named, candidates, ...requested } = data;
  const contentHash = sha256(canonicalJson(data.content));
  if (named !== undefined && named !== contentHash) {
    return no('APPROVAL.CONTENT_MISMATCH', `the hash of the content is ${contentHash}`);
  }
  if (data.answers && sender === undefined) {
    return no('APPROVAL.NOBODY_TO_ANSWER', `${actor} is no entity`);
  }
  return (
    wrongTimes(command) ??
    tooFew(data, requester) ?? [
      {
        type: 'ApprovalRequested',
        data: {
          ...requested,
          candidates: [...new Set(candidates)],
          contentHash,
          requester,
          ...(sender !== undefined && { requestedBy: sender }),
          ...(data.answers && id !== undefined && { answerTo: id }),
        },
      },
    ]
  );
}

function wrongTimes({ data, at }: Request): Rejection | undefined {
  const { deadline, remindAt, escalation } = data;
  if (deadline <= at || toMilliseconds(deadline) - toMilliseconds(at) > YEAR_MILLISECONDS) {
    return no('APPROVAL.DEADLINE_INVALID', `${deadline} is not within a year after ${at}`);
  }
  const late = [remindAt, escalation?.at].find((time) => time !== undefined && time >= deadline);
  return late === undefined
    ? undefined
    : no('APPROVAL.DEADLINE_INVALID', `${late} is not before ${deadline}`);
}

function tooFew({ candidates, escalation, needed }: Request['data'], requester: string) {
  const all = new Set([...candidates, ...(escalation?.to ?? [])]);
  all.delete(`user:${requester}`);
  return areTooFew({ candidates: [...all], needed })
    ? no('APPROVAL.TOO_FEW_CANDIDATES', `${needed} approvals are needed, and ${all.size} may decide`)
    : undefined;
}

function no(code: ApprovalRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}
