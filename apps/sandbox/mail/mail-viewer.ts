import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { validateQuery } from '#libs/api/http/validate.js';
import type { Logger } from '#libs/runtime/logger.js';
import { sandboxServer } from '../sandbox-server.js';
import type { MailStore, Message } from './mail-store.js';

const LISTED = 1_000;
const SHOWN = 100;

const listQuery = z.strictObject({
  to: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LISTED).default(LISTED),
});

/** Shows what the mail sandbox received: `GET /messages?to=` as JSON, `/` as a page. */
export function createMailViewer(store: MailStore, logger: Logger): FastifyInstance {
  const server = sandboxServer(logger);
  server.get('/messages', ({ query }) => {
    const { to, limit } = validateQuery(listQuery, query);
    const messages = store.list(to);
    return { count: messages.length, messages: messages.slice(-limit) };
  });
  server.get('/', (_, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .send(page(store.list())),
  );
  return server;
}

function page(messages: readonly Message[]): string {
  const articles = messages.slice(-SHOWN).toReversed().map(article).join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mail sandbox</title>
<style>body { font-family: sans-serif; max-width: 50rem; margin: 2rem auto } pre { white-space: pre-wrap }</style>
<h1>Mail sandbox</h1>
<p>${messages.length} messages were received; the latest ${SHOWN} are shown, the newest first.</p>
${articles}
</html>
`;
}

function article({ from, to, subject, text, receivedAt }: Message): string {
  return `<article>
<h2>${escaped(subject)}</h2>
<p>${receivedAt}, from ${escaped(from)} to ${escaped(to)}</p>
<pre>${escaped(text)}</pre>
</article>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
