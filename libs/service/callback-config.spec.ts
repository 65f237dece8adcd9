import { describe, expect, it } from '@jest/globals';
import { readConfig } from '#libs/api/http/read-config.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { assertCallbackSecret, callbackTokensOf, callbackUrlOf } from './callback-config.js';
import { serviceConfig } from './service-config.js';

const CALLBACK_SECRET = 'a-secret-of-thirty-two-characters';
const configOf = (environment: NodeJS.ProcessEnv) => readConfig(serviceConfig(1), environment);

describe('the secret of callback addresses', () => {
  it('is required where addresses are handed out or taken', () => {
    const missing = 'CALLBACK_SECRET: is missing; it signs the addresses at which flows are called back';
    expect(() => assertCallbackSecret({ usesCallbackSecret: true }, configOf({}))).toThrow(missing);
    assertCallbackSecret({}, configOf({}));
    assertCallbackSecret({ usesCallbackSecret: true }, configOf({ CALLBACK_SECRET }));
  });

  it.each([
    ['is short', { CALLBACK_SECRET: 'short' }, 'CALLBACK_SECRET'],
    ['has two lines', { CALLBACK_SECRET: `${CALLBACK_SECRET}\n${CALLBACK_SECRET}` }, 'CALLBACK_SECRET'],
    ['is short, the one before', { CALLBACK_SECRET, CALLBACK_SECRET_BEFORE: 'x' }, 'CALLBACK_SECRET_BEFORE'],
  ])('is refused with one line if it %s', (_, environment, name) => {
    expect(() => configOf(environment)).toThrow(`${name}: must have at least 32 characters, and no blank`);
  });

  it('signs addresses below that of the front server, which the secret before still opens', () => {
    const PERDURE_URL = 'https://perdure.example/';
    const of = { place: 'fulfilment-default.o-1/delivered', until: toTimestamp(0) };
    const url = callbackUrlOf(configOf({ CALLBACK_SECRET, PERDURE_URL }))?.(of) ?? '';
    expect(url).toMatch(/^https:\/\/perdure\.example\/v1\/callback-addresses\?token=[\w.-]+$/);
    const token = new URL(url).searchParams.get('token') ?? '';
    const next = { CALLBACK_SECRET: `${CALLBACK_SECRET}-more`, CALLBACK_SECRET_BEFORE: CALLBACK_SECRET };
    expect(callbackTokensOf(configOf(next))?.read(token)).toEqual(of);
    expect(callbackUrlOf(configOf({}))).toBeUndefined();
  });
});
