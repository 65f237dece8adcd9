import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ChecksumError, DevStackError } from './dev-stack.errors.js';
import { runCommand } from './run-command.js';

const connectTimeoutMs = 5_000;

/**
 * Downloads a .tar.gz, compares its SHA-256 and unpacks it into `folder`. Fails within 5 s if the
 * address cannot be reached.
 */
export async function downloadArchive(
  url: string,
  folder: string,
  options: { sha256: string; signal: AbortSignal; onProgress: (text: string) => void },
): Promise<void> {
  const archive = join(folder, '.archive.tar.gz');
  const tooSlow = new AbortController();
  const timer = setTimeout(() => tooSlow.abort(), connectTimeoutMs);
  const response = await fetch(url, { signal: AbortSignal.any([options.signal, tooSlow.signal]) }).finally(
    () => clearTimeout(timer),
  );
  if (!response.ok || !response.body) throw new DevStackError(`${url} answered ${response.status}`);
  const hash = createHash('sha256');
  const total = Number(response.headers.get('content-length') ?? 0);
  let received = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk);
      received += chunk.length;
      const ofTotal = total > 0 ? ` of ${Math.round(total / 1e6)}` : '';
      options.onProgress(`downloading (${Math.round(received / 1e6)}${ofTotal} MB)`);
      next(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(response.body), count, createWriteStream(archive), {
    signal: options.signal,
  });
  const sha256 = hash.digest('hex');
  if (sha256 !== options.sha256) throw new ChecksumError(url, sha256, options.sha256);
  await runCommand('tar', ['-xzf', archive, '-C', folder], { signal: options.signal });
  await rm(archive);
}
