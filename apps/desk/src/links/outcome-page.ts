import type { CommandReply } from '#libs/api/entities/command-reply.js';
import type { ProblemError } from '#libs/core/problem-error.js';

/** What a person is told who has confirmed a link. */
export function outcomePage({ status, headers }: Pick<CommandReply, 'status' | 'headers'>): string {
  if (status === 202) return page('Received', 'Your decision was received. It will be made in a moment.');
  return headers['idempotent-replayed'] === 'true'
    ? page('Already decided', 'The link was used before. Your decision stands.')
    : page('Decided', 'Your decision was made.');
}

/** What a person is told whose link was refused. */
export function problemPage({ title, detail, code }: ProblemError): string {
  return page(title, `${detail} (${code})`);
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escaped(title)}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/v1/approval-links/page.css" />
  </head>
  <body>
    <h1>${escaped(title)}</h1>
    <p>${escaped(text)}</p>
  </body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
