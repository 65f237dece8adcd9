import { Approval } from '#contracts/approval/approval.kind.js';
import type { ApprovalMailTypes } from '#contracts/approval-mail/approval-mail.kind.js';
import { CallRefused, CallUnresolved } from '#libs/core/flow/flow.errors.js';
import { callPolicy, type Flow, type FlowFunction } from '#libs/core/flow/flow.js';
import type { JsonObject } from '#libs/core/json.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import { mayBeMailed } from '../domain/approval.mails.js';
import type { ApprovalRequest, ApprovalState } from '../domain/approval.state.js';

/** What a mail tells, and to whom. It holds no link: that is made where the mail is sent. */
export type LinkMail = Pick<
  ApprovalRequest,
  'subject' | 'text' | 'content' | 'contentHash' | 'requester' | 'deadline'
> & { readonly approval: string; readonly person: string };

/** The code with which a mail to somebody without an address is refused. */
export const NO_ADDRESS = 'MAIL.NO_ADDRESS';

const MINUTE_MILLISECONDS = 60_000;
const LONGEST_PATIENCE_MILLISECONDS = 24 * 60 * MINUTE_MILLISECONDS;

/** How mails are sent: for a day at most, and not after the deadline. */
export const approvalMailCalls = {
  'mail-links': callPolicy<LinkMail, JsonObject>({ initialInterval: '1s', maximumInterval: '5m' }),
};

type Mailing = Flow<ApprovalMailTypes, typeof approvalMailCalls>;
type Sent = keyof ApprovalMailTypes['result'];

/** Mails those who may still decide. One that cannot be sent fails neither this nor the others. */
export const mailLinks: FlowFunction<ApprovalMailTypes, typeof approvalMailCalls> = async (
  { approval, people },
  f,
) => {
  const counts: Record<Sent, number> = { sent: 0, unknown: 0, failed: 0 };
  const state = (await f.entity(Approval, approval).ask()) as ApprovalState | undefined;
  const { request } = state ?? {};
  if (!request || state?.status !== 'open') return counts;
  const asked = people.filter((one) => mayBeMailed(one, request));
  const all = await f.each(asked, { key: (one) => one }, (one, own) => mail(own, approval, one, request));
  for (const sent of all) counts[sent] += 1;
  return counts;
};

async function mail(f: Mailing, approval: string, person: string, request: ApprovalRequest): Promise<Sent> {
  const { subject, text, content, contentHash, requester, deadline } = request;
  const left = toMilliseconds(deadline) - toMilliseconds(f.now());
  const patience = Math.min(Math.max(left, MINUTE_MILLISECONDS), LONGEST_PATIENCE_MILLISECONDS);
  const what = { subject, ...(text !== undefined && { text }), content, contentHash, requester, deadline };
  try {
    await f.call('mail-links', { approval, person, ...what }, { patience });
    return 'sent';
  } catch (error) {
    if (error instanceof CallRefused) return error.code === NO_ADDRESS ? 'unknown' : 'failed';
    if (error instanceof CallUnresolved) return 'failed';
    throw error;
  }
}
