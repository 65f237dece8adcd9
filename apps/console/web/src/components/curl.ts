/** A command for a shell. It names the token, and does not hold it. */
export function curlOf(path: string, body?: unknown): string {
  const lines = [
    `curl -i ${quoted(`${globalThis.location.origin}${path}`)}`,
    `-H "authorization: Bearer $TOKEN"`,
  ];
  if (body !== undefined) {
    lines.push(
      `-H 'content-type: application/json'`,
      `-H 'prefer: wait=10'`,
      `-d ${quoted(JSON.stringify(body))}`,
    );
  }
  return lines.join(' \\\n  ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
