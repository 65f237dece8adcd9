import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { isLoopback } from '#libs/runtime/is-loopback.js';
import type { Logger } from '#libs/runtime/logger.js';
import { sandboxServer } from '../sandbox-server.js';
import type { LocalUser } from './local-users.js';
import type { SigningKeys } from './signing-keys.js';

const LIFETIME_SECONDS = 12 * 60 * 60;
/** An IPv4 address that a server on an IPv6 address sees. */
const MAPPED = /^::ffff:/;

const grant = z.discriminatedUnion('grant_type', [
  z.object({ grant_type: z.literal('password'), username: z.string(), password: z.string() }),
  z.object({ grant_type: z.literal('client_credentials'), client_id: z.string(), client_secret: z.string() }),
]);

/** What the issuer needs: its own address, the audience of its tokens, its keys and its users. */
export interface IssuerOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: SigningKeys;
  readonly users: ReadonlyMap<string, LocalUser>;
}

/**
 * An issuer of access tokens for the dev stack and tests. Everyone knows its passwords: each user's
 * password, and each service's secret, is its name. `POST /token` takes them (RFC 6749), and
 * `GET /users` lists them. `POST /rotate` makes it sign with a new key.
 */
export function createIssuerSandbox(options: IssuerOptions, logger: Logger): FastifyInstance {
  const { keys, users } = options;
  const server = sandboxServer(logger);
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  server.get('/.well-known/openid-configuration', () => discovery(options.issuer));
  server.get('/jwks.json', () => keys.published);
  server.get('/users', () => ({ users: [...users.values()] }));

  server.post('/token', async ({ body, headers }, reply) => {
    const asked = grant.safeParse({ ...(body as object), ...basicCredentials(headers.authorization) });
    if (!asked.success)
      return refuse(reply, 'unsupported_grant_type', 'the grant or a part of it is unknown');
    const user = userOf(asked.data, users);
    if (!user) return refuse(reply, 'invalid_grant', 'the user is unknown, or the password is another one');
    const access_token = await keys.sign(claimsOf(user, options));
    return reply
      .header('cache-control', 'no-store')
      .send({ access_token, token_type: 'Bearer', expires_in: LIFETIME_SECONDS });
  });

  server.post('/rotate', async ({ ip }) => {
    if (!isLoopback(ip.replace(MAPPED, '')))
      throw new ProblemError(problems.routeNotFound, 'this is for this machine only');
    await keys.rotate();
    return keys.published;
  });
  return server;
}

function discovery(issuer: string) {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks.json`,
    token_endpoint: `${issuer}/token`,
    grant_types_supported: ['password', 'client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}

function claimsOf({ name, kind, tenant, roles }: LocalUser, { issuer, audience }: IssuerOptions) {
  const iat = Math.floor(Date.now() / 1_000);
  const times = { iat, nbf: iat, exp: iat + LIFETIME_SECONDS };
  return { iss: issuer, aud: audience, sub: name, jti: randomUUID(), ...times, kind, tenant, roles };
}

function userOf(asked: z.output<typeof grant>, users: IssuerOptions['users']): LocalUser | undefined {
  const isUser = asked.grant_type === 'password';
  const [name, secret] = isUser ? [asked.username, asked.password] : [asked.client_id, asked.client_secret];
  const user = users.get(name);
  return user?.kind === (isUser ? 'user' : 'service') && secret === name ? user : undefined;
}

/** The credentials of a client in its `Authorization` header. */
function basicCredentials(authorization = '') {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return {};
  const [client_id, client_secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { client_id, client_secret };
}

function refuse(reply: FastifyReply, error: string, error_description: string): FastifyReply {
  return reply.status(400).header('cache-control', 'no-store').send({ error, error_description });
}
