import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cachedFolder } from './cached-folder.js';
import { downloadArchive } from './download-archive.js';
import { fetchMavenJars } from './maven-jars.js';
import { runCommand } from './run-command.js';

const { signal } = new AbortController();
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const folder = mkdtempSync(join(tmpdir(), 'checksums-'));
const cache = join(folder, 'cache');
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(cache, { recursive: true, force: true }));

describe('a downloaded archive', () => {
  let server: Server;
  let url: string;
  let archive: Buffer;

  beforeAll(async () => {
    writeFileSync(join(folder, 'program'), 'echo hello');
    await runCommand('tar', ['-czf', join(folder, 'archive'), '-C', folder, 'program']);
    archive = readFileSync(join(folder, 'archive'));
    server = createServer((_request, response) => response.end(archive));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/program.tar.gz`;
  });
  afterAll(() => {
    server.close();
  });

  const download = (expected: string) =>
    cachedFolder(cache, 'program', (draft) =>
      downloadArchive(url, draft, { sha256: expected, signal, onProgress: () => undefined }),
    );

  it('is unpacked if it has the checksum in the source', async () => {
    const unpacked = await download(sha256(archive));
    expect(readdirSync(unpacked)).toEqual(['program']);
  });

  it('is refused in one line, and not kept, if it has another', async () => {
    const expected = sha256('the archive that was published');
    await expect(download(expected)).rejects.toThrow(
      `${url} cannot be trusted: its SHA-256 is ${sha256(archive)} instead of ${expected}. It was not kept, and nothing of it was run.`,
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  it('is not unpacked before its checksum is known', async () => {
    const draft = mkdtempSync(join(folder, 'draft-'));
    const options = { sha256: sha256(''), signal, onProgress: () => undefined };
    await expect(downloadArchive(url, draft, options)).rejects.toThrow('cannot be trusted');
    expect(readdirSync(draft)).not.toContain('program');
  });
});

describe('the jars that Maven copies', () => {
  const path = process.env['PATH'];
  const list = `${sha256('one')}  a.jar\n${sha256('two')}  b.jar\n`;

  beforeAll(() => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const mvn = `#!/bin/sh
for arg; do case $arg in -DoutputDirectory=*) libs="\${arg#*=}";; esac; done
mkdir -p "$libs" && printf two > "$libs/b.jar" && printf one > "$libs/a.jar"
`;
    writeFileSync(join(bin, 'mvn'), mvn);
    chmodSync(join(bin, 'mvn'), 0o755);
    process.env['PATH'] = `${bin}:${path}`;
  });
  afterAll(() => {
    process.env['PATH'] = path;
  });

  const fetch = (expected: string) =>
    cachedFolder(cache, 'server', (draft) =>
      fetchMavenJars(draft, { libraries: ['com.example:server:1'], sha256: expected }, signal),
    );

  it('are kept if their list has the checksum in the source', async () => {
    const kept = await fetch(sha256(list));
    expect(readdirSync(join(kept, 'libs'))).toEqual(['a.jar', 'b.jar']);
  });

  it('are refused in one line, and not kept, if one of them differs', async () => {
    await expect(fetch(sha256(list.replace('b.jar', 'c.jar')))).rejects.toThrow(
      /^com\.example:server:1 cannot be trusted: its SHA-256 is \w{64} instead of \w{64}\./,
    );
    expect(readdirSync(cache)).toEqual([]);
  });
});
