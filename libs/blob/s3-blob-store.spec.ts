import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BlobStoreUnavailableError } from './blob-store.errors.js';
import { blobStoreScenarios } from './blob-store.scenarios.js';
import { openBlobStore } from './open-blob-store.js';
import { s3AddressIn } from './s3-address.js';

interface Server {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
type ServerClass = new (options: object) => Server;

const before = { ...process.env };
let folder: string;
let server: Server;
let endpoint: string;
let client: S3Client;
beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'S3RVER';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'S3RVER';
  folder = await mkdtemp(join(tmpdir(), 'perdure-s3-'));
  const S3rver = createRequire(__filename)('s3rver') as ServerClass;
  const configureBuckets = [{ name: 'blobs' }];
  const options = { address: '127.0.0.1', port: 0, silent: true, directory: folder, configureBuckets };
  server = new S3rver(options);
  endpoint = `http://127.0.0.1:${(await server.run()).port}`;
  client = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true });
});
afterAll(async () => {
  client.destroy();
  await server.close();
  await rm(folder, { recursive: true, force: true });
  process.env = before;
});

const Bucket = 'blobs';
const url = () => `s3://blobs/of/perdure?endpoint=${encodeURIComponent(endpoint)}`;
const keys = async () => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key);
};
const keyOf = async (hash: string, owner: string) => {
  const name = encodeURIComponent(owner).replace(/\./g, '%2E');
  return (await keys()).find((key) => key === `of/perdure/${name}/${hash}`) ?? '';
};

blobStoreScenarios(async () => ({
  store: openBlobStore(url()),
  longest: 250, // the server of this test keeps files
  alter: async ({ owner, hash }, content) => {
    const Key = await keyOf(hash, owner);
    await client.send(new PutObjectCommand({ Bucket, Key, Body: content }));
  },
  stored: async (owner) =>
    (await keys())
      .filter((key) => key.startsWith(`of/perdure/${encodeURIComponent(owner)}/`))
      .map((key) => key.split('/').at(-1) ?? ''),
}));

describe('S3', () => {
  it('lists owners over several pages', async () => {
    const store = openBlobStore(url());
    await Promise.all(Array.from({ length: 40 }, (_, n) => store.put('many', Buffer.from(`${n}`))));
    const owners: string[] = [];
    for await (const { owner } of store.owners()) owners.push(owner);
    expect(owners.filter((owner) => owner === 'many')).toHaveLength(1);
    await store.remove('many');
    expect((await keys()).filter((key) => key.includes('/many/'))).toEqual([]);
  });

  it('asks the store to encrypt, if the address says so', async () => {
    const asked: IncomingHttpHeaders[] = [];
    const listener = createServer((request, reply) => {
      asked.push(request.headers);
      request.resume();
      request.on('end', () => reply.end());
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    const at = `s3://blobs?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}`;
    await openBlobStore(`${at}&encryption=aws:kms&kmsKey=k1`).put('secret', Buffer.from('1'));
    expect(asked).toMatchObject([
      {
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'k1',
      },
    ]);
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  });

  it('is unavailable, not empty, when it does not answer or has no such bucket', async () => {
    const away = openBlobStore('s3://blobs?endpoint=http%3A%2F%2F127.0.0.1%3A1');
    const bucketless = openBlobStore(url().replace('//blobs', '//none'));
    const ref = { owner: 'a', hash: '0'.repeat(64), bytes: 1 };
    for (const store of [away, bucketless]) {
      await expect(store.put('a', Buffer.from('1'))).rejects.toThrow(BlobStoreUnavailableError);
      await expect(store.get(ref)).rejects.toThrow(BlobStoreUnavailableError);
      await expect(store.owners()[Symbol.asyncIterator]().next()).rejects.toThrow(BlobStoreUnavailableError);
    }
  });
});

describe('an address', () => {
  it('has a bucket, a prefix and options', () => {
    expect(s3AddressIn('s3://b')).toEqual({ bucket: 'b', prefix: '' });
    expect(s3AddressIn('s3://b/x/y/?region=eu-west-1&encryption=AES256')).toEqual({
      bucket: 'b',
      prefix: 'x/y/',
      region: 'eu-west-1',
      encryption: 'AES256',
    });
  });

  it.each([
    ['s3:///x', 'must name a bucket'],
    ['s3://a:b@c', 'must not contain a password'],
    ['s3://b?sse=1', 'its options are'],
    ['s3://b?encryption=rot13', 'encryption must be'],
    ['s3://b?endpoint=minio:9000', 'endpoint must be'],
  ])('%s is refused: %s', (address, why) => {
    expect(() => openBlobStore(address)).toThrow(why);
  });
});
