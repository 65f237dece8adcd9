import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'dependencies-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(script: string, args: readonly string[] = [], path = process.env['PATH']) {
  const env = { ...process.env, PATH: path };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('bin', script), ...args], {
    encoding: 'utf8',
    env,
  });
  return { status, lines: `${stderr}${stdout}`.trim().split('\n') };
}

describe('check-licences', () => {
  const accepted = {
    'node_modules/caniuse-lite': { version: '1.0.0', license: 'CC-BY-4.0' },
    'node_modules/unionfs': { version: '4.0.0' },
  };
  const check = (packages: object) => {
    const lock = join(folder, 'package-lock.json');
    writeFileSync(lock, JSON.stringify({ packages: { '': {}, ...packages } }));
    return run('check-licences.mjs', [lock]);
  };

  it('accepts the dependencies of Perdure', () => {
    expect(run('check-licences.mjs')).toMatchObject({ status: 0 });
  });

  it('refuses each package in production whose licence is not on the list', () => {
    const packages = {
      'node_modules/free': { version: '1.0.0', license: '(MIT AND Apache-2.0)' },
      'node_modules/@scope/copyleft': { version: '2.0.0', license: 'GPL-3.0-only' },
      'node_modules/free/node_modules/either': { version: '3.0.0', license: '(MIT OR GPL-2.0)' },
      'node_modules/silent': { version: '4.0.0' },
      'node_modules/for-development': { version: '5.0.0', license: 'GPL-3.0-only', dev: true },
    };
    expect(check({ ...accepted, ...packages })).toEqual({
      status: 1,
      lines: [
        '@scope/copyleft@2.0.0: GPL-3.0-only is not allowed',
        'either@3.0.0: (MIT OR GPL-2.0) is not allowed',
        'silent@4.0.0: no licence is not allowed',
      ],
    });
  });

  it('makes an exception for the licence that was looked at only', () => {
    const changed = { 'node_modules/unionfs': { version: '5.0.0', license: 'AGPL-3.0' } };
    expect(check({ ...accepted, ...changed })).toEqual({
      status: 1,
      lines: [
        'unionfs@5.0.0: AGPL-3.0 is not allowed',
        'unionfs: the exception in bin/check-licences.mjs is not needed',
      ],
    });
  });
});

describe('check-advisories', () => {
  const check = (answer: string) => {
    const npm = join(folder, 'npm');
    writeFileSync(npm, `#!/bin/sh\ncat <<'END'\n${answer}\nEND\nexit 1\n`);
    chmodSync(npm, 0o755);
    return run('check-advisories.mjs', [], `${folder}:${process.env['PATH']}`);
  };

  it('fails with each advisory that is at least moderate', () => {
    const vulnerabilities = {
      left: { name: 'left', severity: 'high', range: '<2' },
      right: { name: 'right', severity: 'low', range: '<3' },
    };
    expect(check(JSON.stringify({ vulnerabilities }))).toEqual({
      status: 1,
      lines: ['left <2: high', '2 advisories, 1 of them moderate or worse'],
    });
  });

  it.each([['405 Method Not Allowed'], ['request to the registry failed']])(
    'says that nothing was checked if the registry does not answer: %s',
    (message) => {
      expect(check(JSON.stringify({ message }))).toEqual({
        status: 0,
        lines: [`not checked: the registry gives no advisories (${message})`],
      });
    },
  );

  it('does not take an answer that is no report for a good one', () => {
    expect(check('<html>')).toEqual({
      status: 0,
      lines: ['not checked: the registry gives no advisories (no answer)'],
    });
  });
});
