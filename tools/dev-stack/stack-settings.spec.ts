import { describe, expect, test } from '@jest/globals';
import { stackAddresses } from './stack-addresses.js';
import { readSettings } from './stack-settings.js';

const read = (environment: NodeJS.ProcessEnv) =>
  readSettings('/project', { HOME: '/home/me', ...environment });

describe('without any variable', () => {
  test('data goes into the project, and everything listens on its usual port', () => {
    const settings = read({});
    expect(settings.home).toBe('/project/.perdure');
    expect(stackAddresses(settings)).toMatchObject({
      PERDURE_URL: 'http://127.0.0.1:3000',
      ACCOUNT_URL: 'http://127.0.0.1:3001',
      CART_URL: 'http://127.0.0.1:3002',
      INVENTORY_URL: 'http://127.0.0.1:3003',
      FULFILMENT_URL: 'http://127.0.0.1:3009',
      CARD_PROVIDER_URL: 'http://127.0.0.1:3008',
      MAIL_URL: 'smtp://127.0.0.1:3025',
      MAIL_SANDBOX_URL: 'http://127.0.0.1:3026',
      AUTH_ISSUER: 'http://127.0.0.1:3007',
      TEMPORAL_ADDRESS: '127.0.0.1:7233',
      TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
      KAFKA_BROKERS: '127.0.0.1:9092',
      DATABASE_URL: 'postgres://perdure:perdure@127.0.0.1:5433/perdure',
    });
  });

  test('an empty variable counts as none', () => {
    expect(read({ KAFKA_PORT: '', TEMPORAL_ADDRESS: '' })).toEqual(read({}));
  });
});

test('a port that depends on another follows it', () => {
  const { ports } = read({ TEMPORAL_PORT: '7000', KAFKA_PORT: '9000' });
  expect(ports).toMatchObject({ TEMPORAL_UI_PORT: 8000, KAFKA_CONTROLLER_PORT: 9001 });
});

test('the cache is shared by all clones, and can be moved', () => {
  expect(read({ XDG_CACHE_HOME: '/caches' }).cache).toBe('/caches/perdure');
  expect(read({ XDG_CACHE_HOME: '/caches', PERDURE_CACHE: '/mine' }).cache).toBe('/mine');
});

test('a server that the caller names is used', () => {
  const settings = read({ KAFKA_BROKERS: 'one:9092,two:9092' });
  expect(stackAddresses(settings).KAFKA_BROKERS).toBe('one:9092,two:9092');
});

test('the local issuer runs unless there is another one, or none is needed', () => {
  expect(read({}).runsIssuer).toBe(true);
  expect(read({ AUTH: 'off' }).runsIssuer).toBe(false);
  const settings = read({ AUTH_ISSUER: 'https://id.example' });
  expect(settings.runsIssuer).toBe(false);
  expect(stackAddresses(settings).AUTH_ISSUER).toBe('https://id.example');
});

test.each(['0', '65536', '80.5', 'http'])('%s is refused as a port, naming the variable', (value) => {
  expect(() => read({ PERDURE_PORT: value })).toThrow(`PERDURE_PORT=${value} cannot be used`);
});
