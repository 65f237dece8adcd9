import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '#libs/api/http/read-config.js';
import { type PairFiles, TestAuthority } from '#libs/testing/certificates.js';
import { databaseOf } from './database-config.js';
import { openEventStore } from './event-store-config.js';
import { kafkaOf } from './kafka-config.js';
import { serviceConfig } from './service-config.js';
import { temporalOf } from './temporal-config.js';

type Environment = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), 'engine-config-'));
let ours: PairFiles;
let other: PairFiles;
let encrypted: string;
let missing: string;
beforeAll(async () => {
  const authority = await TestAuthority.create('test');
  ours = await authority.issueFiles(join(folder, 'ours'), 'ours');
  other = await authority.issueFiles(join(folder, 'other'), 'other');
  encrypted = join(folder, 'encrypted.pem');
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'secret' };
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', ...cipher },
  });
  writeFileSync(encrypted, privateKey);
  missing = join(folder, 'missing.pem');
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (environment: Environment) => readConfig(serviceConfig(0), environment);

describe('Temporal', () => {
  const temporal = (environment: Environment) => temporalOf(read(environment));

  it('is reached without TLS by default', () => {
    expect(temporal({})).toEqual({ address: '127.0.0.1:7233', namespace: 'default' });
    expect(temporal({ TEMPORAL_TLS: 'false' }).tls).toBe(false);
  });

  it('is reached with TLS if a variable of TLS is set', () => {
    expect(temporal({ TEMPORAL_TLS: 'true' }).tls).toEqual({});
    expect(temporal({ TEMPORAL_TLS_SERVER_NAME: 'temporal.example' }).tls).toMatchObject({
      serverNameOverride: 'temporal.example',
    });
    const { tls } = temporal({
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: ours.ca,
      TEMPORAL_TLS_CLIENT_CERT_PATH: ours.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: ours.key,
    });
    expect(tls).toMatchObject({
      serverRootCACertificate: expect.any(Uint8Array) as unknown,
      clientCertPair: { crt: expect.any(Uint8Array) as unknown, key: expect.any(Uint8Array) as unknown },
    });
  });

  it('gets an API key only by TLS', () => {
    expect(temporal({ TEMPORAL_API_KEY: 'secret' })).toMatchObject({ apiKey: 'secret', tls: true });
    const plain = { TEMPORAL_API_KEY: 'secret', TEMPORAL_TLS: 'false' };
    expect(() => temporal(plain)).toThrow(/^TEMPORAL_TLS: must be on/);
  });

  it.each<[string, () => Environment]>([
    ['TEMPORAL_TLS: must be true or false', () => ({ TEMPORAL_TLS: 'yes' })],
    [
      'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: is not supported',
      () => ({ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' }),
    ],
    ['TEMPORAL_TLS_CLIENT_KEY_PATH: is missing', () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: ours.cert })],
    ['TEMPORAL_TLS_CLIENT_CERT_PATH: is missing', () => ({ TEMPORAL_TLS_CLIENT_KEY_PATH: ours.key })],
  ])('%s', (message, environment) => {
    expect(() => temporal(environment())).toThrow(message);
  });
});

describe('Kafka', () => {
  const kafka = (environment: Environment) => kafkaOf(read(environment));
  const account = { KAFKA_SASL_USERNAME: 'me', KAFKA_SASL_PASSWORD: 'secret' };

  it('is reached without TLS by default', () => {
    expect(kafka({ KAFKA_BROKERS: 'a:1, b:2' })).toEqual({ brokers: ['a:1', 'b:2'] });
    expect(kafka({ KAFKA_TLS: 'false', KAFKA_TLS_CA_PATH: ours.ca }).ssl).toBeUndefined();
  });

  it('is reached with TLS if a file is given, and always verified', () => {
    expect(kafka({ KAFKA_TLS: 'true' }).ssl).toEqual({ rejectUnauthorized: true });
    const files = {
      KAFKA_TLS_CA_PATH: ours.ca,
      KAFKA_TLS_CERT_PATH: ours.cert,
      KAFKA_TLS_KEY_PATH: ours.key,
    };
    expect(kafka(files).ssl).toEqual({
      ca: expect.stringContaining('CERTIFICATE') as unknown,
      cert: expect.stringContaining('CERTIFICATE') as unknown,
      key: expect.stringContaining('PRIVATE KEY') as unknown,
      rejectUnauthorized: true,
    });
  });

  it.each(['plain', 'SCRAM-SHA-256', 'scram-sha-512'])('is told who we are by %s', (mechanism) => {
    const { sasl } = kafka({ ...account, KAFKA_SASL_MECHANISM: mechanism });
    expect(sasl).toEqual({ mechanism: mechanism.toLowerCase(), username: 'me', password: 'secret' });
  });

  it.each<[string, () => Environment]>([
    ['KAFKA_TLS: must be true or false', () => ({ KAFKA_TLS: 'on' })],
    ['KAFKA_SASL_MECHANISM: must be one of PLAIN', () => ({ ...account, KAFKA_SASL_MECHANISM: 'GSSAPI' })],
    ['KAFKA_SASL_MECHANISM: is missing', () => account],
    ['KAFKA_SASL_PASSWORD: is missing', () => ({ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'me' })],
    [
      'KAFKA_TLS: must be on, because KAFKA_SASL_PASSWORD',
      () => ({ ...account, KAFKA_SASL_MECHANISM: 'plain', KAFKA_BROKERS: '127.0.0.1:9092,kafka:9092' }),
    ],
    ['KAFKA_TLS_CERT_PATH: is missing', () => ({ KAFKA_TLS_KEY_PATH: ours.key })],
    [
      'KAFKA_TLS_KEY_PATH: is not the key of the certificate in KAFKA_TLS_CERT_PATH',
      () => ({ KAFKA_TLS_CERT_PATH: ours.cert, KAFKA_TLS_KEY_PATH: other.key }),
    ],
    [
      'KAFKA_TLS_KEY_PATH: the key is encrypted',
      () => ({ KAFKA_TLS_CERT_PATH: ours.cert, KAFKA_TLS_KEY_PATH: encrypted }),
    ],
    [
      'KAFKA_TLS_KEY_PATH: the file holds no private key in PEM',
      () => ({ KAFKA_TLS_CERT_PATH: ours.cert, KAFKA_TLS_KEY_PATH: ours.cert }),
    ],
    ['KAFKA_TLS_CA_PATH: the file holds no certificate in PEM', () => ({ KAFKA_TLS_CA_PATH: ours.key })],
    [`cannot be read (ENOENT)`, () => ({ KAFKA_TLS_CA_PATH: missing })],
  ])('%s', (message, environment) => {
    expect(() => kafka(environment())).toThrow(message);
  });
});

describe('PostgreSQL', () => {
  const database = (environment: Environment) => databaseOf(read(environment));
  const address = 'postgres://me:p%40ss@db:5432/perdure';

  it.each<[string, Environment]>([
    ['no mode', {}],
    ['disable', { PGSSLMODE: 'disable', PGSSLROOTCERT: '/nowhere' }],
    [
      'a mode in the address, which takes precedence',
      { DATABASE_URL: `${address}?sslmode=disable`, PGSSLMODE: 'require' },
    ],
    ['ssl=false in the address', { DATABASE_URL: `${address}?ssl=false`, PGSSLMODE: 'require' }],
  ])('is reached without TLS: %s', (_, environment) => {
    expect(database({ DATABASE_URL: address, ...environment })).toEqual({
      connectionString: address,
      ssl: false,
    });
  });

  it.each<[string, Environment]>([
    ['require', { PGSSLMODE: 'require' }],
    ['verify-ca', { PGSSLMODE: 'verify-ca' }],
    ['verify-full', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' }],
    ['the authorities of Node', { PGSSLROOTCERT: 'system' }],
    ['a mode in the address', { DATABASE_URL: `${address}?sslmode=require`, PGSSLMODE: 'disable' }],
    ['ssl=true in the address', { DATABASE_URL: `${address}?ssl=true` }],
  ])('is verified in every other mode: %s', (_, environment) => {
    expect(database({ DATABASE_URL: address, ...environment })).toEqual({
      connectionString: address,
      ssl: { rejectUnauthorized: true },
    });
  });

  it('gets the files of the variables, or of the address, of which all else stays', () => {
    const variables = { PGSSLROOTCERT: other.ca, PGSSLCERT: ours.cert, PGSSLKEY: ours.key };
    const { ca, cert, key } = database(variables).ssl as Record<string, string>;
    expect([ca, cert, key].map((text) => text?.includes('-----BEGIN'))).toEqual([true, true, true]);
    const url = `${address}?application_name=a%20b&sslrootcert=${encodeURIComponent(ours.ca)}&x=%3D`;
    const { connectionString, ssl } = database({ DATABASE_URL: url });
    expect(connectionString).toBe(`${address}?application_name=a%20b&x=%3D`);
    expect(ssl).toEqual({ ca, rejectUnauthorized: true });
  });

  it.each<[string, () => Environment]>([
    ['PGSSLMODE: must be one of disable, require', () => ({ PGSSLMODE: 'no-verify' })],
    ['PGSSLMODE: must be one of', () => ({ PGSSLMODE: 'prefer' })],
    ['DATABASE_URL: sslmode: must be one of', () => ({ DATABASE_URL: `${address}?sslmode=no-verify` })],
    ['DATABASE_URL: ssl must be true or false', () => ({ DATABASE_URL: `${address}?ssl=no-verify` })],
    [
      'DATABASE_URL: uselibpqcompat is not supported',
      () => ({ DATABASE_URL: `${address}?sslmode=require&uselibpqcompat=true` }),
    ],
    ['DATABASE_URL: sslrootcert: ', () => ({ DATABASE_URL: `${address}?sslrootcert=${missing}` })],
    ['PGSSLKEY: is missing; PGSSLCERT is set', () => ({ PGSSLCERT: ours.cert })],
  ])('%s', (message, environment) => {
    expect(() => database(environment())).toThrow(message);
  });

  it('has an address whose password is not shown if it cannot be parsed', () => {
    expect(() => database({ DATABASE_URL: 'postgres://me:se#cret@db:5432/x' })).toThrow(
      /^DATABASE_URL: cannot be parsed; are special characters in it encoded\?$/,
    );
  });
});

describe('the event store', () => {
  const open = (options: string) =>
    openEventStore(
      read({ EVENTSTORE_URL: `esdb://me:secret@store:2113?${options}&keepAliveInterval=10000` }),
    );
  const inUrl = (files: Environment) => new URLSearchParams(files).toString();

  it.each<[string, () => string]>([
    ['without TLS', () => 'tls=false'],
    ['with TLS', () => 'tls=true'],
    ['with files', () => inUrl({ tlsCAFile: ours.ca, user_cert_file: ours.cert, 'user-key-file': ours.key })],
  ])('is opened %s', async (_, options) => {
    await open(options()).close();
  });

  it.each(['kurrentdb', 'esdb+discover', 'kurrentdb+discover'])(
    'may be at an address of %s',
    async (scheme) => {
      await openEventStore({ EVENTSTORE_URL: `${scheme}://store?tls=true&keepAliveInterval=10000` }).close();
    },
  );

  it.each<[string, () => string]>([
    ['EVENTSTORE_URL: tlsVerifyCert=false is not supported', () => 'tlsVerifyCert=false'],
    ['EVENTSTORE_URL: tlsCAFile: ', () => inUrl({ tlsCAFile: missing })],
    ['EVENTSTORE_URL: userKeyFile: is missing', () => inUrl({ userCertFile: ours.cert })],
    [
      'EVENTSTORE_URL: userKeyFile: is not the key of the certificate in EVENTSTORE_URL: userCertFile',
      () => inUrl({ userCertFile: ours.cert, userKeyFile: other.key }),
    ],
    ['EVENTSTORE_URL: its options are tls, tlsCAFile', () => 'tsl=true'],
    ['EVENTSTORE_URL: cannot be parsed', () => 'keepAliveTimeout=soon'],
    ['EVENTSTORE_URL: cannot be parsed', () => 'tls=perhaps'],
  ])('%s', (message, options) => {
    expect(() => open(options())).toThrow(message);
    expect(() => open(options())).not.toThrow('secret');
  });
});

describe('the blob store', () => {
  it('is a folder by default', () => {
    expect(read({}).BLOB_STORE_URL).toMatch(/^file:\/\/\/.+\/\.perdure\/blobs$/);
  });

  it.each(['file:///var/lib/blobs', 's3://bucket', 's3://bucket/of?endpoint=http%3A%2F%2Fminio%3A9000'])(
    'may be at %s',
    (url) => {
      expect(read({ BLOB_STORE_URL: url }).BLOB_STORE_URL).toBe(url);
    },
  );

  it.each([
    ['file://blobs', 'must be file:///… or s3://…'],
    ['/var/lib/blobs', 'must be file:///… or s3://…'],
    ['s3://bucket?key=secret', 'its options are endpoint, region'],
  ])('is not at %s', (url, why) => {
    expect(() => read({ BLOB_STORE_URL: url })).toThrow(`BLOB_STORE_URL: ${why}`);
    expect(() => read({ BLOB_STORE_URL: url })).not.toThrow('secret');
  });
});
