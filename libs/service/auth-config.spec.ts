import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { readConfig } from '#libs/api/http/read-config.js';
import { ApiKeyAuthenticator } from '#libs/api-keys/api-key-authenticator.js';
import { AnonymousAuthenticator } from '#libs/identity/authenticator.js';
import { AUTH_OFF, authenticatorFor } from './auth-config.js';
import { serviceConfig } from './service-config.js';

const warned: string[] = [];
const logger = pino({ level: 'warn' }, { write: (line) => void warned.push(line) });

const apiKeys = { verify: () => Promise.reject(new Error('no key is verified here')) };

const authenticator = (environment: Record<string, string>) =>
  authenticatorFor(readConfig(serviceConfig(0), environment), apiKeys, logger);

describe('without access control', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost', ''])('a service may listen at %j', (HOST) => {
    warned.length = 0;
    expect(authenticator({ AUTH: 'off', HOST })).toBeInstanceOf(AnonymousAuthenticator);
    expect(warned).toEqual([expect.stringContaining(AUTH_OFF)]);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'localhost.example', '::ffff:10.0.0.1'])(
    'no service listens at %s',
    (HOST) => {
      const text = `AUTH: off is for loopback addresses only, and HOST is ${HOST}`;
      expect(() => authenticator({ AUTH: 'off', HOST })).toThrow(text);
    },
  );
});

describe('with access control', () => {
  it('an issuer is required', () => {
    for (const AUTH of ['on', '']) expect(() => authenticator({ AUTH })).toThrow('AUTH_ISSUER: is missing');
  });

  it.each<[string, Record<string, string>]>([
    ['AUTH: must be on or off', { AUTH: 'no' }],
    ['AUTH_ISSUER: must be an http or https address', { AUTH_ISSUER: 'issuer' }],
    ['AUTH_ISSUER: must begin with https://', { AUTH_ISSUER: 'http://id.example' }],
    [
      'AUTH_JWKS_URL: must begin with https://',
      { AUTH_ISSUER: 'https://id.example', AUTH_JWKS_URL: 'http://a.b' },
    ],
    ['AUTH_ALGORITHMS.1: must list some of ES256', { AUTH_ALGORITHMS: 'ES256,HS256' }],
    ['AUTH_ALGORITHMS.0: must list some of ES256', { AUTH_ALGORITHMS: 'none' }],
  ])('%s', (message, environment) => {
    expect(() => authenticator(environment)).toThrow(message);
  });

  it.each<Record<string, string>>([
    { AUTH_ISSUER: 'https://id.example/realm', HOST: '0.0.0.0' },
    { AUTH_ISSUER: 'http://127.0.0.1:3007' },
    { AUTH_ISSUER: 'http://[::1]:3007', AUTH_JWKS_URL: 'http://localhost:3007/keys' },
    { AUTH_ISSUER: 'http://issuer:3007', AUTH_ISSUER_TLS: 'off' },
    { AUTH_ISSUER: 'https://id.example', AUTH_ALGORITHMS: 'EdDSA, PS256' },
  ])('%j is accepted', (environment) => {
    expect(authenticator(environment)).toBeInstanceOf(ApiKeyAuthenticator);
  });
});
