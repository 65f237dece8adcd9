import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Logger } from '#libs/runtime/logger.js';
import type { MailStore } from './mail-store.js';

const SLOW_MILLISECONDS = 3_000;
const MAX_MESSAGE_BYTES = 1024 * 1024;
const CLOSE_MILLISECONDS = 1_000;

/**
 * A mail server for the dev stack and tests. It delivers nothing and keeps everything. What it does
 * depends on the beginning of the recipient: `refused…` is refused (550), `slow…` takes 3 s, and
 * `greylisted…` is turned away the first time (451). A message to `lost…` is kept, but the
 * connection is closed without an answer, once.
 */
export function createSmtpSandbox(store: MailStore, logger: Logger): SMTPServer {
  const recipients = new Recipients();
  const lost = new Set<string>();
  const sockets = new Map<number, Socket>();
  const server = new SMTPServer({
    // It has no users and no certificate.
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MAX_MESSAGE_BYTES,
    closeTimeout: CLOSE_MILLISECONDS,
    onRcptTo: ({ address }, _, done) => void recipients.admit(address).then(() => done(), done),
    onData: (stream, session, done) => {
      receive(stream, session).then(
        (messages) => {
          for (const message of messages) store.take(message);
          const loses = messages.some((one) => one.to.startsWith('lost') && !lost.has(one.messageId));
          if (!loses) return done();
          for (const { messageId } of messages) lost.add(messageId);
          sockets.get(session.remotePort)?.destroy();
        },
        (error: Error) => done(error),
      );
    },
  });
  server.server.on('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });
  // A client that goes away is none of our faults; without a listener it would end the process.
  server.on('error', (error) => logger.warn({ err: error }, 'a mail connection failed'));
  return server;
}

class Recipients {
  private readonly greylisted = new Set<string>();

  /** Throws an answer with a code of SMTP if mail to the address is not accepted. */
  async admit(address: string): Promise<void> {
    if (address.startsWith('refused')) throw answer(550, 'no such mailbox');
    if (address.startsWith('slow')) await pause(SLOW_MILLISECONDS);
    if (!address.startsWith('greylisted') || this.greylisted.has(address)) return;
    this.greylisted.add(address);
    throw answer(451, 'greylisted, try again later');
  }
}

/** Reads a message: one for each recipient. */
async function receive(stream: SMTPServerDataStream, { envelope }: SMTPServerSession) {
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) if (!stream.sizeExceeded) parts.push(part);
  if (stream.sizeExceeded) throw answer(552, `a message has at most ${MAX_MESSAGE_BYTES} bytes`);
  const { messageId, subject = '', text = '' } = await PostalMime.parse(Buffer.concat(parts));
  const message = {
    messageId: messageId ?? `<${randomUUID()}@none>`,
    from: envelope.mailFrom ? envelope.mailFrom.address : '',
    subject,
    text: text.trimEnd(),
    receivedAt: new Date().toISOString(),
  };
  return envelope.rcptTo.map(({ address }) => ({ ...message, to: address }));
}

function answer(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
