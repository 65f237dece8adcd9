import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { withinOrFail } from '#libs/runtime/within.js';
import { EffectNotDoneError, EffectRefusedError } from './entity-activities.errors.js';
import type { Call } from './call-outside.js';

/** How long each step of a delivery may take. */
const STEP_MILLISECONDS = 5_000;
/** Shorter than the time-out of the activity that makes the call. */
const PATIENCE_MILLISECONDS = 10_000;

const mail = z.object({
  // One address: a list of them in this field would be mailed to all.
  to: z
    .string()
    .max(320)
    .regex(/^[^\s@,;:<>()]+@[^\s@,;:<>()]+$/, 'must be one address'),
  subject: z.string().min(1).max(500),
  text: z.string().min(1),
});

/**
 * Sends mail over SMTP. SMTP promises at least once: if the server's answer is lost, the message is
 * sent again. Every attempt therefore has the same `Message-ID`, which is made from the idempotency
 * key, so that a mail store can drop the repeat. Not every mail store does.
 */
export function mailCalls(url: string, from: string): Readonly<Record<'send-mail', Call>> {
  const transport = createTransport({
    url,
    dnsTimeout: STEP_MILLISECONDS,
    connectionTimeout: STEP_MILLISECONDS,
    greetingTimeout: STEP_MILLISECONDS,
    socketTimeout: STEP_MILLISECONDS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    'send-mail': async (data, key) => {
      const parsed = mail.safeParse(data);
      if (!parsed.success) throw new EffectRefusedError('MAIL.INVALID', z.prettifyError(parsed.error));
      const { to, subject, text } = parsed.data;
      const messageId = `<${nameOf(key)}@${domain}>`;
      // Nobody's out-of-office assistant needs to answer (RFC 3834).
      const headers = { 'auto-submitted': 'auto-generated' };
      const sent = transport.sendMail({ messageId, from, to, subject, text, headers });
      const late = new EffectNotDoneError('the mail server takes too long');
      await withinOrFail(sent, PATIENCE_MILLISECONDS, late).catch(rethrow);
      return { messageId };
    },
  };
}

interface MailError {
  readonly code?: string;
  readonly permanent?: boolean;
  readonly responseCode?: number;
}

/** A key may have characters that a `Message-ID` must not have. */
function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * What the server refuses for good (5xx) for an address or a message. All else is retried, and
 * leaves out what the server says, which may name the recipient.
 */
function rethrow(error: Error & MailError): never {
  const isOfMessage = error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  if (!isOfMessage) throw error;
  if (error.permanent !== true) throw new EffectNotDoneError(`the mail server answers ${error.responseCode}`);
  throw new EffectRefusedError('MAIL.REFUSED', error.message, { cause: error });
}
