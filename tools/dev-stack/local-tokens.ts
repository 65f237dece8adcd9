import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tokens are valid for 12 hours. */
const RENEWAL_MILLISECONDS = 60 * 60_000;
const PATIENCE_MILLISECONDS = 5_000;

interface LocalUser {
  readonly name: string;
  readonly kind: 'user' | 'service';
}

/** The folder with a token of each local user, in a file of its name. */
export function tokenFolder(home: string): string {
  return join(home, 'tokens');
}

/** Writes a token of each user of the local issuer, readable by the current user only. */
export async function writeTokens(issuer: string, home: string): Promise<void> {
  const folder = tokenFolder(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const { users } = (await answerOf(`${issuer}/users`)) as { readonly users: readonly LocalUser[] };
  for (const user of users) {
    const { access_token } = (await answerOf(`${issuer}/token`, grantOf(user))) as Record<string, string>;
    const file = join(folder, user.name);
    writeFileSync(`${file}.new`, `${access_token}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

/** Writes new tokens every hour, until the returned function is called. */
export function keepTokensValid(issuer: string, home: string): () => void {
  // If it fails, the old ones are still valid, and the next attempt follows in an hour.
  const renew = () => void writeTokens(issuer, home).catch(() => undefined);
  const timer = setInterval(renew, RENEWAL_MILLISECONDS).unref();
  return () => clearInterval(timer);
}

/** The password of a local user, and the secret of a local service, is its name. */
function grantOf({ name, kind }: LocalUser): URLSearchParams {
  return new URLSearchParams(
    kind === 'user'
      ? { grant_type: 'password', username: name, password: name }
      : { grant_type: 'client_credentials', client_id: name, client_secret: name },
  );
}

async function answerOf(url: string, form?: URLSearchParams): Promise<unknown> {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const reply = await fetch(url, form ? { method: 'POST', body: form, signal } : { signal });
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}`);
  return reply.json();
}
