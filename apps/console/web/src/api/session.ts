import { useSyncExternalStore } from 'react';

/** A user of the local issuer. */
export interface LocalUser {
  readonly name: string;
  readonly about: string;
  readonly kind: 'user' | 'service';
  readonly tenant: string;
  readonly roles: readonly string[];
}

/** Who uses the console. */
export interface Session {
  /** `starting` until it is known whether there are local users. */
  readonly state: 'starting' | 'signed-in' | 'signed-out';
  /** Empty if the services use another issuer. */
  readonly users: readonly LocalUser[];
  readonly name?: string;
  readonly tenant?: string;
  readonly roles: readonly string[];
}

interface Token {
  readonly text: string;
  readonly expiresAt: number;
}

/** A local token is replaced this long before it expires. */
const MARGIN_MILLISECONDS = 60_000;
const FIRST_USER = 'demo';

let session: Session = { state: 'starting', users: [], roles: [] };
let token: Token | undefined;
let restored: Promise<void> | undefined;
const listeners = new Set<(session: Session) => void>();

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener(next);
}

/** Calls a function whenever another user is chosen. Returns how to stop that. */
export function onSession(listener: (session: Session) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Who uses the console now. */
export function useSession(): Session {
  return useSyncExternalStore(onSession, () => session);
}

/** Signs in as the user of the last visit, or the first local user. Call it once. */
export function restoreSession(): Promise<void> {
  restored ??= restore();
  return restored;
}

async function restore(): Promise<void> {
  const reply = await fetch('/local-users').catch(() => undefined);
  const { users = [] } = reply?.ok ? ((await reply.json()) as { users?: LocalUser[] }) : {};
  const last = localStorage.getItem('user');
  const pasted = sessionStorage.getItem('token');
  const known = users.find(({ name }) => name === last) ?? users.find(({ name }) => name === FIRST_USER);
  session = { ...session, users };
  if (pasted) pasteToken(pasted);
  else if (known) await chooseUser(known.name).catch(signOut);
  else signOut();
}

/** Becomes a local user. */
export async function chooseUser(name: string): Promise<void> {
  const text = await localToken(name);
  localStorage.setItem('user', name);
  sessionStorage.removeItem('token');
  token = tokenOf(text);
  change({ state: 'signed-in', users: session.users, roles: [], ...claimsOf(text), name });
}

/**
 * Uses an access token of the issuer, until the tab is closed. Returns false if the text is none.
 */
export function pasteToken(text: string): boolean {
  const claims = claimsOf(text);
  if (!claims) return false;
  sessionStorage.setItem('token', text);
  token = tokenOf(text);
  change({ state: 'signed-in', users: session.users, ...claims });
  return true;
}

/** Forgets the token. */
export function signOut(): void {
  sessionStorage.removeItem('token');
  token = undefined;
  change({ state: 'signed-out', users: session.users, roles: [] });
}

/** The token of the next request, undefined if nobody is signed in. */
export async function currentToken(): Promise<string | undefined> {
  await restored;
  const { name, users } = session;
  const isLocal = sessionStorage.getItem('token') === null && users.some((user) => user.name === name);
  if (token && name && isLocal && token.expiresAt - MARGIN_MILLISECONDS < Date.now()) {
    token = tokenOf(await localToken(name));
  }
  return token?.text;
}

async function localToken(name: string): Promise<string> {
  const reply = await fetch(`/local-users/${encodeURIComponent(name)}/token`, { method: 'POST' });
  if (!reply.ok) throw new Error('the local issuer does not answer');
  return ((await reply.json()) as { access_token: string }).access_token;
}

function tokenOf(text: string): Token {
  const { exp } = payloadOf(text) ?? {};
  return { text, expiresAt: typeof exp === 'number' ? exp * 1_000 : Infinity };
}

function claimsOf(text: string): Pick<Session, 'name' | 'tenant' | 'roles'> | undefined {
  const payload = payloadOf(text);
  if (!payload) return undefined;
  const { sub, tenant, roles } = payload;
  return {
    name: String(sub),
    tenant: String(tenant),
    roles: Array.isArray(roles) ? roles.map(String) : [],
  };
}

/** What a token says. Nothing here trusts it: the services check it. */
function payloadOf(text: string): Record<string, unknown> | undefined {
  try {
    const part = text.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) =>
      c.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
