/** The header with a new token of a local user. */
export async function bearerOf(username: string): Promise<{ readonly authorization: string }> {
  return { authorization: `Bearer ${await tokenOf(username)}` };
}

/** A new token of a local user. */
export async function tokenOf(username: string): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'password', username, password: username });
  const reply = await fetch(`${process.env['AUTH_ISSUER']}/token`, { method: 'POST', body: form });
  return ((await reply.json()) as { readonly access_token: string }).access_token;
}
