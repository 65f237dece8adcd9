/** A code with its status and meaning: an entry of `x-problems` in an OpenAPI document. */
export interface ProblemEntry {
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

/** The page at the `type` of a problem: every code with its status and meaning. */
export function problemsPage(problems: readonly ProblemEntry[]): string {
  const rows = problems.map(
    ({ code, status, title }) =>
      `<tr id="${escaped(code)}"><td><code>${escaped(code)}</code></td><td>${status}</td><td>${escaped(title)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Perdure: problems</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/page.css" />
  </head>
  <body>
    <main>
      <header>
        <h1>Problems</h1>
        <p>Every error is returned as <code>application/problem+json</code> (RFC 9457) with one of these codes.
        A code never changes its meaning. <a href="/">Console</a></p>
      </header>
      <table>
        <thead><tr><th>code</th><th>status</th><th>meaning</th></tr></thead>
        <tbody>
${rows.join('\n')}
        </tbody>
      </table>
    </main>
  </body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
