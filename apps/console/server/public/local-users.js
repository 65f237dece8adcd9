// The users of the local issuer, if there is one: any of them can be chosen to send requests.

/** The users, or none if the services use another issuer or none. */
async function localUsers() {
  const reply = await fetch('/local-users').catch(() => undefined);
  if (!reply?.ok) return [];
  const { users } = await reply.json();
  return users.filter(({ kind }) => kind === 'user');
}

async function tokenOf(name) {
  const reply = await fetch(`/local-users/${name}/token`, { method: 'POST' });
  return (await reply.json()).access_token;
}

/**
 * Fills a list with the users and shows the form around it. Calls `choose` with the token of the
 * chosen one, at first of `first`.
 */
export async function offerUsers(list, first, choose) {
  const users = await localUsers();
  if (users.length === 0) return;
  for (const { name, about } of users) {
    const isFirst = name === first;
    list.append(new Option(`${name}: ${about}`, name, isFirst, isFirst));
  }
  const chosen = async () => choose(await tokenOf(list.value));
  list.addEventListener('change', chosen);
  list.form.hidden = false;
  await chosen();
}
