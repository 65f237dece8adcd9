import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { lockStack } from '#tools/dev-stack/stack-lock.js';
import { type Mutant, withBug } from './mutant.js';

/** Kept for the next run, and the lock. */
const kept = new Set(['dist', 'run']);
const notCopied = new Set(['.git', '.perdure', 'coverage', 'dist', 'node_modules']);

/**
 * A copy of the project in which bugs are planted, so that none can stay in the project itself. It
 * is kept between runs for its compiled code.
 */
export class ScratchTree {
  readonly folder: string;

  /** Throws `AlreadyRunningError` while another run uses it. */
  constructor(private readonly root: string) {
    this.folder = join(root, '.perdure', 'mutants');
    mkdirSync(this.folder, { recursive: true });
    process.once('exit', lockStack(this.folder));
    for (const name of readdirSync(this.folder))
      if (!kept.has(name)) rmSync(join(this.folder, name), { recursive: true });
    for (const name of readdirSync(root)) if (!notCopied.has(name)) this.copy(name);
    if (!existsSync(join(this.folder, 'dist'))) this.copy('dist');
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
  }

  /** Plants the bug, and returns a function that removes it. */
  plant(mutant: Mutant): () => void {
    const file = join(this.folder, mutant.file);
    const source = readFileSync(file, 'utf8');
    writeFileSync(file, withBug(mutant, source));
    return () => writeFileSync(file, source);
  }

  /** Compiles the tree, workflows included, for tests that run compiled code. */
  build(): void {
    const options = { cwd: this.folder, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/build.mjs'], options);
    if (status !== 0) throw new Error(`The build failed:\n${stdout}${stderr}`);
  }

  private copy(name: string): void {
    cpSync(join(this.root, name), join(this.folder, name), { recursive: true, preserveTimestamps: true });
  }
}
