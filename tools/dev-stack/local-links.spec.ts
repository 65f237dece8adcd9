import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { localLinks } from './local-links.js';

const home = mkdtempSync(join(tmpdir(), 'local-links-'));
afterAll(() => rmSync(home, { recursive: true }));

describe('the links of a local stack', () => {
  it('have a secret that is made once, and that only its user can read', () => {
    const made = localLinks('/project', home, {});
    const file = join(home, 'link-secret');
    expect(made).toMatchObject({ LINK_SECRET_FILE: file });
    const secret = readFileSync(file, 'utf8');
    expect(secret.trim().length).toBeGreaterThanOrEqual(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(localLinks('/project', home, {})).toEqual(made);
    expect(readFileSync(file, 'utf8')).toBe(secret);
  });

  it.each(['LINK_SECRET', 'LINK_SECRET_FILE', 'ADDRESS_BOOK_PATH'])(
    'are left to the %s that is set',
    (name) => {
      expect(localLinks('/project', join(home, 'other'), { [name]: 'x' })).toEqual({});
    },
  );
});
