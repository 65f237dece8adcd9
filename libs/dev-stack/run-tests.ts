import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** `npm test`: all projects of jest, or what the arguments name. The exit code is jest's. */
export function runTests(root: string, given: readonly string[]): void {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const { status } = spawnSync(process.execPath, [jest, ...given], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
