import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Sdk from '@aws-sdk/client-s3';
import { BlobMissingError, BlobStoreUnavailableError } from './blob-store.errors.js';
import type { BlobOwner, BlobRef, BlobStore, ByteRange } from './blob-store.js';
import { checkContent, checkRef, refOf, verified } from './checked-content.js';
import { FolderBlobStore } from './folder-blob-store.js';
import type { S3Address } from './s3-address.js';

const CONNECT_MILLISECONDS = 3_000;
const REQUEST_MILLISECONDS = 30_000;
const REMOVED_AT_ONCE = 20;

type Readable = AsyncIterable<Uint8Array>;

/**
 * Blobs as objects of an S3-compatible store, `prefix/owner/hash`. An object appears there once all
 * of it is stored. The SDK finds the credentials as it does everywhere: `AWS_…`, or the machine's
 * role. It is loaded when the store is first used.
 */
export class S3BlobStore implements BlobStore {
  private opened: Promise<{ sdk: typeof Sdk; client: Sdk.S3Client }> | undefined;

  constructor(private readonly address: S3Address) {}

  async put(owner: string, content: Uint8Array): Promise<BlobRef> {
    const ref = refOf(owner, content);
    await this.store(ref, content);
    return ref;
  }

  /** The key is the hash, so the content waits in a file of this machine until that is known. */
  async upload(owner: string, content: AsyncIterable<Uint8Array>, limit: number): Promise<BlobRef> {
    const folder = await mkdtemp(join(tmpdir(), 'perdure-upload-'));
    try {
      const waiting = new FolderBlobStore(folder);
      const ref = await waiting.upload(owner, content, limit);
      await this.store(ref, createReadStream(waiting.fileOf(ref)));
      return ref;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async get(ref: BlobRef): Promise<Uint8Array> {
    const { Body } = await this.open(ref);
    const content = await guarded(async () => (await Body?.transformToByteArray()) ?? new Uint8Array());
    checkContent(ref, content);
    return content;
  }

  async *read(ref: BlobRef, range?: ByteRange): AsyncGenerator<Uint8Array> {
    if (range && range.to <= range.from) return checkRef(ref);
    const { Body } = await this.open(ref, range);
    const content = streamed(Body as unknown as Readable);
    yield* range ? content : verified(ref, content);
  }

  /** The store lists keys in order, so those of an owner stand together. */
  async *owners(): AsyncGenerator<BlobOwner> {
    let last: BlobOwner | undefined;
    for await (const { key, at } of this.objects(this.address.prefix)) {
      const owner = ownerIn(key.slice(this.address.prefix.length));
      if (owner === undefined) continue;
      if (last && last.owner !== owner) yield last;
      const isNewer = last?.owner !== owner || at > last.newestAt;
      if (isNewer) last = { owner, newestAt: at };
    }
    if (last) yield last;
  }

  async remove(owner: string): Promise<void> {
    const { sdk, client } = await this.connected();
    const { bucket: Bucket } = this.address;
    let some: string[] = [];
    const removeSome = async () => {
      const keys = some;
      some = [];
      await guarded(() =>
        Promise.all(keys.map((Key) => client.send(new sdk.DeleteObjectCommand({ Bucket, Key })))),
      );
    };
    for await (const { key } of this.objects(this.folderOf(owner))) {
      some.push(key);
      if (some.length === REMOVED_AT_ONCE) await removeSome();
    }
    await removeSome();
  }

  private async store(ref: BlobRef, Body: Uint8Array | ReturnType<typeof createReadStream>): Promise<void> {
    const { sdk, client } = await this.connected();
    const { bucket: Bucket, encryption, kmsKey } = this.address;
    const command = new sdk.PutObjectCommand({
      Bucket,
      Key: this.keyOf(ref),
      Body,
      ContentLength: ref.bytes,
      ...(encryption !== undefined && { ServerSideEncryption: encryption }),
      ...(kmsKey !== undefined && { SSEKMSKeyId: kmsKey }),
    });
    await guarded(() => client.send(command));
  }

  private async open(ref: BlobRef, range?: ByteRange): Promise<Sdk.GetObjectCommandOutput> {
    checkRef(ref);
    const { sdk, client } = await this.connected();
    const Range = range && `bytes=${range.from}-${range.to - 1}`;
    const Key = this.keyOf(ref);
    const command = new sdk.GetObjectCommand({ Bucket: this.address.bucket, Key, ...(Range && { Range }) });
    return guarded(() => client.send(command), ref);
  }

  private async *objects(Prefix: string): AsyncGenerator<{ readonly key: string; readonly at: Date }> {
    const { sdk, client } = await this.connected();
    let ContinuationToken: string | undefined;
    do {
      const page = { Bucket: this.address.bucket, Prefix, ...(ContinuationToken && { ContinuationToken }) };
      const found = await guarded(() => client.send(new sdk.ListObjectsV2Command(page)));
      for (const { Key, LastModified } of found.Contents ?? []) {
        if (Key !== undefined && LastModified) yield { key: Key, at: LastModified };
      }
      ContinuationToken = found.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  private connected() {
    return (this.opened ??= connect(this.address));
  }

  private folderOf(owner: string): string {
    return `${this.address.prefix}${encoded(owner)}/`;
  }

  private keyOf({ owner, hash }: BlobRef): string {
    return `${this.folderOf(owner)}${hash}`;
  }
}

async function connect({ endpoint, region = 'us-east-1' }: S3Address) {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    region,
    // Other stores have buckets in the path, and may not know the newest checksums.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MILLISECONDS, requestTimeout: REQUEST_MILLISECONDS },
  });
  return { sdk, client };
}

/** The name of an owner without `/` and `.`, which mean something in keys. */
function encoded(owner: string): string {
  const escaped = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(owner).replace(/[.!~*'()]/g, escaped);
}

function ownerIn(key: string): string | undefined {
  const [owner, hash] = key.split('/');
  try {
    return owner && hash ? decodeURIComponent(owner) : undefined;
  } catch {
    return undefined; // not a key of ours
  }
}

async function* streamed(content: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of content) yield chunk;
  } catch (error) {
    throw new BlobStoreUnavailableError(error);
  }
}

async function guarded<Result>(task: () => Promise<Result>, ref?: BlobRef): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    const isMissing = ref !== undefined && (error as { name?: unknown }).name === 'NoSuchKey';
    throw isMissing ? new BlobMissingError(ref) : new BlobStoreUnavailableError(error);
  }
}
