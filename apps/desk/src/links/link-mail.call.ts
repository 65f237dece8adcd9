import { createHash } from 'node:crypto';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import { EffectRefusedError } from '#libs/entity/activities/entity-activities.errors.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import { type LinkMail, NO_ADDRESS } from '../flows/approval-mail.flow.js';
import type { FindAddress } from './address-book.js';
import type { ApprovalLink, LinkTokens } from './link-tokens.js';

/** The path of the page that a link leads to. */
export const LINKS_PATH = 'v1/approval-links';

const NONCE_BYTES = 16;

/** What mails are made and sent with. */
interface LinkMailing {
  readonly tokens: LinkTokens;
  readonly addressOf: FindAddress;
  readonly send: Call;
  /** The address of the front server. */
  readonly url: string;
  readonly validSeconds: number;
}

/**
 * Mails a person the links. They are made here, not in the flow, so that they stand in no payload
 * of Temporal. Every attempt has the same nonce, so a repeated mail is not a second chance.
 */
export function linkMailCall({ tokens, addressOf, send, url, validSeconds }: LinkMailing): Call {
  return async (data, key, flow) => {
    const mail = data as unknown as LinkMail;
    const { tenant = '' } = parseStreamName(flow) ?? {};
    const person = mail.person.slice('user:'.length);
    const to = await addressOf(tenant, person);
    if (to === undefined) throw new EffectRefusedError(NO_ADDRESS, 'the address book has no such person');
    const link = {
      stream: streamName('approval', mail.approval, tenant),
      person,
      contentHash: mail.contentHash,
      expiresAt: Math.floor(Math.min(Date.parse(mail.deadline), Date.now() + validSeconds * 1_000) / 1_000),
      nonce: createHash('sha256').update(key).digest().subarray(0, NONCE_BYTES).toString('base64url'),
    };
    // No server is sent what follows the `#`, so the token is in no log of addresses.
    const addressFor = (choice: ApprovalLink['choice']) =>
      `${url.replace(/\/$/, '')}/${LINKS_PATH}#${tokens.sign({ ...link, choice })}`;
    const text = textOf(mail, link.expiresAt, addressFor('approve'), addressFor('reject'));
    return send({ to, subject: `Approval: ${mail.subject}`, text }, key, flow);
  };
}

function textOf(mail: LinkMail, expiresAt: number, approve: string, reject: string): string {
  const { requester, subject, text, content, contentHash, deadline } = mail;
  return [
    `${requester} asks for your approval: ${subject}`,
    ...(text === undefined ? [] : [text]),
    `This is to be approved:\n${JSON.stringify(content, undefined, 2)}`,
    `SHA-256: ${contentHash}`,
    `To approve it, open\n${approve}`,
    `To reject it, open\n${reject}`,
    `You are asked again before anything happens. One of the links can be used, once, until ${new Date(expiresAt * 1_000).toISOString()}. They are for you alone: do not forward this mail.`,
    `If nobody decides until ${deadline}, it is refused.`,
  ].join('\n\n');
}
