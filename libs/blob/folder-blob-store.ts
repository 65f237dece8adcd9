import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobMissingError, BlobStoreUnavailableError, BlobTooLargeError } from './blob-store.errors.js';
import type { BlobOwner, BlobRef, BlobStore, ByteRange } from './blob-store.js';
import { checkContent, checkRef, Measured, refOf, verified } from './checked-content.js';

/** The file with the name of the owner. Blobs are named by their hashes, so none has this name. */
const OWNER_FILE = 'owner';

/**
 * Blobs as files of a folder. Each owner has a subfolder. Its name is a hash, because the name of
 * an owner may hold any characters, and be longer than that of a file. Content is written under a
 * temporary name, which only this process knows, and gets its name once it is on the disk.
 */
export class FolderBlobStore implements BlobStore {
  constructor(private readonly folder: string) {}

  async put(owner: string, content: Uint8Array): Promise<BlobRef> {
    const ref = refOf(owner, content);
    await guarded(async () => {
      if (await this.renewed(ref)) return;
      await this.write(owner, one(content), () => ref);
    });
    return ref;
  }

  async upload(owner: string, content: AsyncIterable<Uint8Array>, limit: number): Promise<BlobRef> {
    const measured = new Measured(owner, limit);
    return this.write(owner, measured.pass(content), () => measured.ref());
  }

  async get(ref: BlobRef): Promise<Uint8Array> {
    checkRef(ref);
    const content = await guarded(() => readFile(this.fileOf(ref)), ref);
    checkContent(ref, content);
    return content;
  }

  async *read(ref: BlobRef, range?: ByteRange): AsyncGenerator<Uint8Array> {
    checkRef(ref);
    if (range && range.to <= range.from) return;
    const content = streamed(ref, this.fileOf(ref), range);
    yield* range ? content : verified(ref, content);
  }

  async *owners(): AsyncGenerator<BlobOwner> {
    const folders = await guarded(() => readdir(this.folder).catch(emptyIfMissing));
    for (const folder of folders) {
      const found = await guarded(() => this.ownerIn(join(this.folder, folder)));
      if (found) yield found;
    }
  }

  async remove(owner: string): Promise<void> {
    await guarded(() => rm(this.folderOf(owner), { recursive: true, force: true }));
  }

  /** Whether the blob exists in its full length. It then counts as written now. */
  private async renewed(ref: BlobRef): Promise<boolean> {
    const file = this.fileOf(ref);
    const found = await stat(file).catch(() => undefined);
    if (found?.size !== ref.bytes) return false;
    const now = new Date();
    await utimes(file, now, now);
    return true;
  }

  private async write(
    owner: string,
    content: AsyncIterable<Uint8Array>,
    refAtEnd: () => BlobRef,
  ): Promise<BlobRef> {
    const folder = this.folderOf(owner);
    await guarded(() => this.makeFolder(owner));
    const temporary = join(folder, `.${randomUUID()}`);
    try {
      await writeDurably(temporary, content);
      const ref = refAtEnd();
      await guarded(() => rename(temporary, this.fileOf(ref)));
      await guarded(() => syncFolder(folder));
      return ref;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Without the name of its owner, no sweep would find what is in a folder. */
  private async makeFolder(owner: string): Promise<void> {
    const folder = this.folderOf(owner);
    const nameFile = join(folder, OWNER_FILE);
    if (await stat(nameFile).catch(() => undefined)) return;
    await mkdir(folder, { recursive: true });
    const temporary = join(folder, `.${randomUUID()}`);
    await writeDurably(temporary, one(Buffer.from(owner)));
    await rename(temporary, nameFile);
    await syncFolder(folder);
    await syncFolder(this.folder);
  }

  private async ownerIn(folder: string): Promise<BlobOwner | undefined> {
    const owner = await readFile(join(folder, OWNER_FILE), 'utf8').catch(() => undefined);
    if (owner === undefined) return undefined;
    const files = await readdir(folder).catch(emptyIfMissing);
    const found = await Promise.all(files.map((file) => stat(join(folder, file)).catch(() => undefined)));
    const times = found.map((one) => one?.mtimeMs ?? 0);
    return { owner, newestAt: new Date(Math.max(...times, 0)) };
  }

  private folderOf(owner: string): string {
    return join(this.folder, createHash('sha256').update(owner).digest('hex'));
  }

  /** The file of a blob, whether it exists or not. */
  fileOf({ owner, hash }: BlobRef): string {
    return join(this.folderOf(owner), hash);
  }
}

async function writeDurably(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await guarded(() => open(file, 'wx'));
  try {
    // An error of the sender stays what it is.
    for await (const chunk of content) await guarded(() => handle.writeFile(chunk));
    await guarded(() => handle.sync());
  } finally {
    await handle.close();
  }
}

/** A rename is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* streamed(ref: BlobRef, file: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file, range && { start: range.from, end: range.to - 1 });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw asBlobError(error, ref);
  }
}

async function* one(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

async function guarded<Result>(task: () => Promise<Result>, ref?: BlobRef): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    throw asBlobError(error, ref);
  }
}

function asBlobError(error: unknown, ref: BlobRef | undefined): unknown {
  if (error instanceof BlobStoreUnavailableError || error instanceof BlobTooLargeError) return error;
  const isMissing = ref !== undefined && (error as { code?: unknown }).code === 'ENOENT';
  return isMissing ? new BlobMissingError(ref) : new BlobStoreUnavailableError(error);
}

function emptyIfMissing(error: unknown): readonly string[] {
  if ((error as { code?: unknown }).code === 'ENOENT') return [];
  throw error;
}
