import { createSecretKey, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  base64url,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { pino } from 'pino';
import { register } from 'prom-client';
import { TokenAuthenticator } from './token-authenticator.js';
import { IssuerKeys } from './issuer-keys.js';
import { TokenVerifier } from './token-verifier.js';

const MINUTE = 60_000;
const AUDIENCE = 'perdure';
const EPOCH = 1_800_000_000_000;

interface SigningKey {
  readonly kid: string;
  readonly alg: 'ES256' | 'RS256';
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

async function newKey(kid: string, alg: SigningKey['alg'] = 'ES256'): Promise<SigningKey> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) };
}

let first: SigningKey;
let second: SigningKey;
let rsa: SigningKey;
/** Not published. */
let foreign: SigningKey;

/** The issuer, as an HTTP server. */
let server: Server;
let issuer: string;
/** What it publishes, how often it was asked, and what it answers instead while it is away. */
let published: readonly SigningKey[];
let asked: string[];
let answer: 'well' | 'failing' | 'silent' | 'huge' | 'nonsense' | 'elsewhere';
let now: number;
let tokens: TokenAuthenticator;

beforeAll(async () => {
  [first, second, rsa, foreign] = await Promise.all([
    newKey('first'),
    newKey('second'),
    newKey('rsa', 'RS256'),
    newKey('first'),
  ]);
});

beforeEach(async () => {
  [published, asked, answer, now] = [[first, rsa], [], 'well', EPOCH];
  const documentAt = async (url: string) =>
    url === '/jwks.json' ? { keys: await Promise.all(published.map(jwkOf)) } : discovery();
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    if (answer === 'silent') return;
    if (answer === 'failing') return void response.writeHead(500).end();
    if (answer === 'elsewhere') return void response.writeHead(302, { location: '/jwks.json' }).end();
    if (answer === 'huge') return void response.end(`"${'x'.repeat(300 * 1024)}"`);
    if (answer === 'nonsense') return void response.end('{"keys":7}');
    void documentAt(url).then((document) => response.end(JSON.stringify(document)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  tokens = verifying();
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const jwkOf = async ({ publicKey, kid, alg }: SigningKey) => {
  return { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
};
const discovery = () => ({ issuer, jwks_uri: `${issuer}/jwks.json` });

function verifying(address: { jwksUrl?: string } = {}): TokenAuthenticator {
  const keys = new IssuerKeys({ issuer, ...address }, pino({ level: 'silent' }), () => now);
  const names = { tenantClaim: 'tenant', rolesClaim: 'roles' };
  const rules = { issuer, audience: AUDIENCE, algorithms: ['ES256', 'RS256'] as const, ...names };
  return new TokenAuthenticator(new TokenVerifier(rules, keys, () => now));
}

const seconds = () => Math.floor(now / 1_000);
const claims = (more: object = {}): Record<string, unknown> => {
  const times = { iat: seconds(), nbf: seconds(), exp: seconds() + 3_600 };
  return {
    iss: issuer,
    aud: AUDIENCE,
    sub: 'alice',
    tenant: 'default',
    roles: ['teller'],
    ...times,
    ...more,
  };
};

/** A token of alice, unless the claims, the header or the key say otherwise. */
function token(
  more: object = {},
  { key = first, header = {} }: { key?: SigningKey; header?: Partial<JWTHeaderParameters> } = {},
): Promise<string> {
  const { kid, alg, privateKey } = key;
  return new SignJWT(claims(more)).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
}

const authenticate = (bearer: string) => tokens.authenticate({ authorization: `Bearer ${bearer}` });

/** Why a token is refused, and what the client learns. */
async function refusalOf(bearer: string | undefined, scheme = 'Bearer '): Promise<unknown> {
  const headers = bearer === undefined ? {} : { authorization: `${scheme}${bearer}` };
  const error = await tokens.authenticate(headers).then(
    (caller) => caller,
    (reason: unknown) => reason,
  );
  const { refusal, code, status, detail, extras } = error as Record<string, unknown>;
  if (refusal === undefined) return error;
  const challenge = bearer === undefined ? '' : ', error="invalid_token"';
  expect({ code, status, detail, extras }).toEqual({
    code: 'ACCESS.UNAUTHENTICATED',
    status: 401,
    detail: 'a valid credential is required',
    extras: { headers: { 'www-authenticate': `Bearer realm="perdure"${challenge}` } },
  });
  return refusal;
}

describe('a valid token', () => {
  it('names its caller', async () => {
    expect(await authenticate(await token())).toEqual({
      tenant: 'default',
      id: 'alice',
      kind: 'user',
      roles: ['teller'],
    });
  });

  it('of a service names it apart from users', async () => {
    const caller = await authenticate(await token({ sub: 'till', kind: 'service', tenant: 'acme' }));
    expect(caller).toMatchObject({ id: 'service:till', kind: 'service', tenant: 'acme' });
  });

  it.each([
    [undefined, []],
    [[], []],
    [
      ['a', 7, 'b'],
      ['a', 'b'],
    ],
  ])('with roles %j has %j', async (roles, has) => {
    expect(await authenticate(await token({ roles }))).toMatchObject({ roles: has });
  });

  it('may have no nbf, several audiences, and a clock that differs by 30 s', async () => {
    const [nbf, aud] = [undefined, ['other', AUDIENCE]];
    expect(await authenticate(await token({ nbf, aud }))).toMatchObject({ id: 'alice' });
    const skewed = { iat: seconds() + 29, nbf: seconds() + 29, exp: seconds() - 29 };
    expect(await authenticate(await token(skewed))).toMatchObject({ id: 'alice' });
  });

  it('may come without a kid, if one key matches', async () => {
    const { alg, privateKey } = first;
    const bearer = await new SignJWT(claims()).setProtectedHeader({ alg }).sign(privateKey);
    expect(await authenticate(bearer)).toMatchObject({ id: 'alice' });
  });
});

describe('a request', () => {
  it('without a token is refused', async () => {
    expect(await refusalOf(undefined)).toBe('missing');
  });

  it.each(['', 'a.b', 'a.b.c', '..', 'a.b.c.d', 'x'.repeat(9_000), 'a b', '=.=.='])(
    'with %p is refused',
    async (bearer) => {
      expect(await refusalOf(bearer)).toBe('malformed');
    },
  );

  it.each(['Basic ', 'Bearer', 'Token ', ''])('with the scheme %j is refused', async (scheme) => {
    expect(await refusalOf(await token(), scheme)).toBe('malformed');
  });

  it('with a token of 9 KB is refused before it is parsed', async () => {
    expect(await refusalOf(await token({ roles: ['x'.repeat(9_000)] }))).toBe('malformed');
    expect(asked).toEqual([]);
  });
});

describe('a signature', () => {
  it('by another key of the same name is refused', async () => {
    expect(await refusalOf(await token({}, { key: foreign }))).toBe('signature');
  });

  it('of other claims is refused', async () => {
    const [header, , signature] = (await token()).split('.');
    const forged = base64url.encode(JSON.stringify(claims({ sub: 'bob' })));
    expect(await refusalOf(`${header}.${forged}.${signature}`)).toBe('signature');
  });

  it.each(['none', 'None', 'NONE'])('by the algorithm %s is refused', async (alg) => {
    const [, payload] = new UnsecuredJWT(claims()).encode().split('.');
    const header = base64url.encode(JSON.stringify({ alg, kid: 'first' }));
    expect(await refusalOf(`${header}.${payload}.`)).toBe('algorithm');
    expect(await refusalOf(`${header}.${payload}.AAAA`)).toBe('algorithm');
  });

  it('by HS256 with the published RSA key as its secret is refused', async () => {
    const pem = createSecretKey(await exportSPKI(rsa.publicKey), 'utf8');
    const jwk = createSecretKey(JSON.stringify(await jwkOf(rsa)), 'utf8');
    for (const secret of [pem, jwk] satisfies KeyObject[]) {
      const forged = new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'rsa' });
      expect(await refusalOf(await forged.sign(secret))).toBe('algorithm');
    }
  });

  it('by an algorithm that is not configured is refused', async () => {
    const { privateKey } = await generateKeyPair('PS256');
    const bearer = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'PS256', kid: 'rsa' })
      .sign(privateKey);
    expect(await refusalOf(bearer)).toBe('algorithm');
  });

  it('by a key for another algorithm is refused', async () => {
    const bearer = await token({}, { key: rsa, header: { kid: 'first' } });
    expect(await refusalOf(bearer)).toBe('unknown key');
  });
});

describe('a header', () => {
  it('that brings its own key, or an address of one, is refused', async () => {
    const jwk = await exportJWK(foreign.publicKey);
    const elsewhere = `${issuer}/of-the-attacker.json`;
    for (const header of [{ jwk }, { jku: elsewhere }, { x5u: elsewhere }, { x5c: ['AAAA'] }]) {
      expect(await refusalOf(await token({}, { key: foreign, header }))).toBe('signature');
      const kid = 'of-the-attacker';
      expect(await refusalOf(await token({}, { key: foreign, header: { ...header, kid } }))).toBe(
        'unknown key',
      );
    }
    expect(asked.filter((path) => path.includes('attacker'))).toEqual([]);
  });

  it.each(['../../etc/passwd', `' OR 1=1 --`, 'http://127.0.0.1/x', '__proto__', ''])(
    'with the kid %j names no key',
    async (kid) => {
      expect(await refusalOf(await token({}, { header: { kid } }))).toBe('unknown key');
    },
  );

  it('with an extension that is not understood is refused', async () => {
    const { alg, kid, privateKey } = first;
    const signing = new SignJWT(claims()).setProtectedHeader({ alg, kid, crit: ['exp'], exp: 1 });
    const bearer = await signing.sign(privateKey, { crit: { exp: true } });
    expect(await refusalOf(bearer)).toBe('malformed');
  });
});

describe('a claim', () => {
  const at = (offset: number) => Math.floor(EPOCH / 1_000) + offset;

  it.each<[string, object, string]>([
    ['expired', { exp: at(-31) }, 'expired'],
    ['issued a day ago', { iat: at(-24 * 3_600 - 31), exp: at(3_600) }, 'expired'],
    ['not yet valid', { nbf: at(31) }, 'not yet valid'],
    ['issued in the future', { iat: at(31) }, 'not yet valid'],
    ['without exp', { exp: undefined }, 'claims'],
    ['without iat', { iat: undefined }, 'claims'],
    ['with an exp that is no number', { exp: 'tomorrow' }, 'claims'],
    ['with an nbf that is no number', { nbf: '0' }, 'claims'],
    ['of another issuer', { iss: 'http://127.0.0.1:1' }, 'issuer'],
    ['without an issuer', { iss: undefined }, 'issuer'],
    ['for another audience', { aud: 'perdure-staging' }, 'audience'],
    ['for other audiences', { aud: ['a', 'b'] }, 'audience'],
    ['without an audience', { aud: undefined }, 'audience'],
    ['without sub', { sub: undefined }, 'claims'],
    ['with an empty sub', { sub: '' }, 'subject'],
    ['with a sub that is no text', { sub: 7 }, 'subject'],
    ['with a long sub', { sub: 'x'.repeat(256) }, 'subject'],
    ['with a sub of two lines', { sub: 'alice\nbob' }, 'subject'],
    ['that passes a user off as a service', { sub: 'service:till' }, 'subject'],
    ['that passes a user off as an API key', { sub: 'key:k1' }, 'subject'],
    ['that passes a user off as an operator', { sub: 'operator:olivia' }, 'subject'],
    ['that passes a user off as the system', { sub: 'system:deadline' }, 'subject'],
    ['that passes a user off as nobody', { sub: 'anonymous' }, 'subject'],
    ['that passes a user off as a saga', { sub: 'checkout-default.c1' }, 'subject'],
    ['that passes a user off as an entity', { sub: 'cart-acme.a@b', tenant: 'acme' }, 'subject'],
    ['without a tenant', { tenant: undefined }, 'tenant'],
    ['with a tenant that has a dot', { tenant: 'a.b' }, 'tenant'],
    ['with a tenant that has a dash', { tenant: 'a-b' }, 'tenant'],
    ['with an empty tenant', { tenant: '' }, 'tenant'],
    ['with a tenant of two lines', { tenant: 'default\n' }, 'tenant'],
    ['with several tenants', { tenant: ['default'] }, 'tenant'],
    ['with roles in a text', { roles: 'teller' }, 'claims'],
    ['of another kind', { kind: 'api-key' }, 'claims'],
  ])('%s is refused', async (_, more, refusal) => {
    expect(await refusalOf(await token(more))).toBe(refusal);
  });

  it.each(['anna-marie.jones@example.com', 'checkout-acme.c1', 'auth0|7-default'])(
    'sub with %s is that of a user',
    async (sub) => {
      expect(await authenticate(await token({ sub }))).toMatchObject({ id: sub, kind: 'user' });
    },
  );

  it('that was refused is counted by its reason', async () => {
    const counted = async () => {
      const metric = await register.getSingleMetric('perdure_credentials_refused_total')?.get();
      return metric?.values.find(({ labels }) => labels['reason'] === 'expired')?.value ?? 0;
    };
    const before = await counted();
    await refusalOf(await token({ exp: at(-31) }));
    expect(await counted()).toBe(before + 1);
  });
});

describe('the keys of the issuer', () => {
  const away = { code: 'ENGINE.UNAVAILABLE', status: 503 };
  const fetches = () => asked.filter((path) => path === '/jwks.json').length;

  it('are found by discovery, once for many tokens at the same time', async () => {
    const bearer = await token();
    await Promise.all(Array.from({ length: 20 }, () => authenticate(bearer)));
    expect(asked).toEqual(['/.well-known/openid-configuration', '/jwks.json']);
  });

  it('may have an address of their own', async () => {
    tokens = verifying({ jwksUrl: `${issuer}/jwks.json` });
    await authenticate(await token());
    expect(asked).toEqual(['/jwks.json']);
  });

  it('are fetched again for a new key, at most every 30 s', async () => {
    await authenticate(await token());
    published = [first, second];
    const bearer = await token({}, { key: second });
    expect(await refusalOf(bearer)).toBe('unknown key');
    expect(fetches()).toBe(1);
    now += 31_000;
    expect(await Promise.all([authenticate(bearer), authenticate(bearer)])).toHaveLength(2);
    expect(fetches()).toBe(2);
    for (const kid of ['a', 'b', 'c']) await refusalOf(await token({}, { header: { kid } }));
    expect(fetches()).toBe(2);
  });

  it('are refused once the issuer has removed them', async () => {
    const bearer = await token();
    await authenticate(bearer);
    published = [second];
    now += 6 * MINUTE;
    expect(await refusalOf(bearer)).toBe('unknown key');
  });

  it('are used for an hour while the issuer is away', async () => {
    const bearer = await token();
    await authenticate(bearer);
    answer = 'failing';
    now += 59 * MINUTE;
    expect(await authenticate(bearer)).toMatchObject({ id: 'alice' });
    now += 2 * MINUTE;
    expect(await refusalOf(await token())).toMatchObject(away);
    answer = 'well';
    now += MINUTE;
    expect(await authenticate(await token())).toMatchObject({ id: 'alice' });
  });

  it('are asked for every 5 s while the issuer is away, whatever is sent', async () => {
    answer = 'failing';
    const bearer = await token();
    for (let request = 0; request < 10; request += 1) expect(await refusalOf(bearer)).toMatchObject(away);
    expect(asked).toHaveLength(1);
    now += 5_000;
    expect(await refusalOf(bearer)).toMatchObject(away);
    expect(asked).toHaveLength(2);
  });

  it('that exist are used at once while the issuer does not answer', async () => {
    const bearer = await token();
    await authenticate(bearer);
    answer = 'silent';
    now += 6 * MINUTE;
    const startedAt = Date.now();
    expect(await authenticate(bearer)).toMatchObject({ id: 'alice' });
    now += 6_000;
    const waited = Date.now();
    expect(await authenticate(bearer)).toMatchObject({ id: 'alice' });
    expect(Date.now() - waited).toBeLessThan(waited - startedAt);
  });

  it.each(['silent', 'huge', 'nonsense', 'elsewhere'] as const)(
    'are not taken from an answer that is %s',
    async (kind) => {
      answer = kind;
      expect(await refusalOf(await token())).toMatchObject(away);
    },
  );

  it('are not taken from the discovery document of another issuer', async () => {
    const own = issuer;
    issuer = `${own}/`;
    tokens = verifying();
    issuer = own;
    expect(await refusalOf(await token())).toMatchObject(away);
  });

  it('that share a name are not told apart by a guess', async () => {
    published = [first, foreign];
    expect(await refusalOf(await token())).toBe('unknown key');
  });
});
