import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createLocalJWKSet,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose';
import { register } from 'prom-client';
import { TokenVerifier } from './token-verifier.js';
import { VerifiedTokens } from './verified-tokens.js';

const EPOCH_SECONDS = 1_800_000_000;
const HOUR_SECONDS = 3_600;
const rules = { issuer: 'https://issuer', audience: 'perdure', algorithms: ['ES256'] as const };
const MOST = 2;

interface Pair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

let own: Pair;
let foreign: Pair;
beforeAll(async () => {
  [own, foreign] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
});

/** The keys of the issuer, as they were fetched last, and how often one was looked for. */
class Keys {
  fresh: object | undefined = {};
  looked = 0;
  /** Called when a key has been found. */
  onFound: () => void = () => undefined;
  private published: Promise<JWTVerifyGetKey> = this.publishing(own);

  readonly find: JWTVerifyGetKey = async (header, token) => {
    this.looked += 1;
    const found = await (await this.published)(header, token);
    this.onFound();
    return found;
  };

  refetch(...pairs: readonly Pair[]): void {
    this.fresh = {};
    this.published = this.publishing(...pairs);
  }

  private async publishing(...pairs: readonly Pair[]): Promise<JWTVerifyGetKey> {
    const keys = await Promise.all(pairs.map(({ publicKey }) => exportJWK(publicKey)));
    return createLocalJWKSet({ keys: keys.map((key) => ({ ...key, kid: 'first', alg: 'ES256' })) });
  }
}

let now: number;
let keys: Keys;
let tokens: TokenVerifier;
beforeEach(() => {
  register.resetMetrics();
  now = EPOCH_SECONDS;
  keys = new Keys();
  const names = { tenantClaim: 'tenant', rolesClaim: 'roles' };
  tokens = new TokenVerifier({ ...rules, ...names }, keys, () => now * 1_000, new VerifiedTokens(MOST));
});

const token = (sub: string, { by = own, exp = now + HOUR_SECONDS, iat = now } = {}) =>
  new SignJWT({ iss: rules.issuer, aud: rules.audience, tenant: 'default', sub, exp, iat })
    .setProtectedHeader({ alg: 'ES256', kid: 'first' })
    .sign(by.privateKey);
const refusalOf = (bearer: string) =>
  tokens.verify(bearer).then(
    ({ id }) => id,
    ({ refusal }: { readonly refusal: string }) => refusal,
  );
const valueOf = async (name: string, by?: string) => {
  const { values } = await register.getSingleMetric(name)!.get();
  return values.find(({ labels }) => labels['by'] === by)?.value ?? 0;
};

describe('a token that was verified', () => {
  it('needs no signature check as long as the keys stay the same', async () => {
    const bearer = await token('alice');
    const first = await tokens.verify(bearer);
    expect(first).toMatchObject({ tenant: 'default', id: 'alice' });
    expect(await tokens.verify(bearer)).toEqual(first);
    expect(keys.looked).toBe(1);
    expect(await valueOf('perdure_token_checks_total', 'signature')).toBe(1);
    expect(await valueOf('perdure_token_checks_total', 'cache')).toBe(1);
  });

  it('is verified again once the keys were fetched again, and refused if its key was removed', async () => {
    const bearer = await token('alice');
    await tokens.verify(bearer);
    keys.refetch(own);
    expect(await refusalOf(bearer)).toBe('alice');
    expect(keys.looked).toBe(2);
    keys.refetch(foreign);
    expect(await refusalOf(bearer)).toBe('signature');
  });

  it('is verified again once the keys are old', async () => {
    const bearer = await token('alice');
    await tokens.verify(bearer);
    keys.fresh = undefined;
    await tokens.verify(bearer);
    await tokens.verify(bearer);
    expect(keys.looked).toBe(3);
  });

  it('does not count if the keys were fetched again while it was verified', async () => {
    const bearer = await token('alice');
    keys.onFound = () => keys.refetch(foreign);
    expect(await refusalOf(bearer)).toBe('alice');
    expect(await refusalOf(bearer)).toBe('signature');
  });

  it.each<[string, { exp?: number; iat?: number }, number]>([
    ['that it names', { exp: EPOCH_SECONDS + 60 }, 60],
    ['24 hours after it was issued', { exp: EPOCH_SECONDS + 48 * HOUR_SECONDS }, 24 * HOUR_SECONDS],
  ])('is refused at the end %s, give or take 30 s', async (_, times, end) => {
    const bearer = await token('alice', times);
    await tokens.verify(bearer);
    now = EPOCH_SECONDS + end + 29;
    expect(await refusalOf(bearer)).toBe('alice');
    expect(keys.looked).toBe(1);
    now = EPOCH_SECONDS + end + 31;
    expect(await refusalOf(bearer)).toBe('expired');
  });
});

describe('a forged token', () => {
  it('gains nothing from one that differs in its signature only', async () => {
    const bearer = await token('alice');
    await tokens.verify(bearer);
    const forged = await token('alice', { by: foreign });
    expect(forged.split('.').slice(0, 2)).toEqual(bearer.split('.').slice(0, 2));
    expect(await refusalOf(forged)).toBe('signature');
    expect(await refusalOf(forged)).toBe('signature');
  });

  it('takes no room from a valid one', async () => {
    const bearer = await token('alice');
    await tokens.verify(bearer);
    for (const name of ['a', 'b', 'c']) {
      expect(await refusalOf(await token(name, { by: foreign }))).toBe('signature');
    }
    const { looked } = keys;
    await tokens.verify(bearer);
    expect(keys.looked).toBe(looked);
  });
});

it('the cache is bounded, and counts what it had no room for', async () => {
  const bearers = await Promise.all(['a', 'b', 'c'].map((name) => token(name)));
  for (const bearer of bearers) await tokens.verify(bearer);
  expect(await valueOf('perdure_verified_tokens_dropped_total')).toBe(1);
  const [first = '', , third = ''] = bearers;
  await tokens.verify(third);
  expect(keys.looked).toBe(3);
  expect(await refusalOf(first)).toBe('a');
  expect(keys.looked).toBe(4);
});
