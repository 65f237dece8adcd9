import { execFileSync } from 'node:child_process';
import { DevStackError } from './dev-stack.errors.js';
import type { PlannedRun } from './run-side-by-side.js';

/** Rules are pure, so their decisions do not depend on a server. */
const RULE = /^apps\/([^/]+)\/(?:src\/)?domain\//;
/** Neither compiled nor loaded by a test. */
const NO_CODE = /\.md$/;

/** Paths that differ from where the branch left `since`, including uncommitted and new files. */
export function changedFiles(root: string, since: string): string[] {
  const git = (...args: string[]): string[] => {
    try {
      const output = execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return output.split('\n').filter((line) => line !== '');
    } catch (error) {
      throw new DevStackError(
        `git ${args.join(' ')} failed: ${String((error as { stderr?: unknown }).stderr)}`,
      );
    }
  };
  const [base = since] = git('merge-base', since, 'HEAD');
  return [...git('diff', '--name-only', base), ...git('ls-files', '--others', '--exclude-standard')];
}

/**
 * The runs that a change requires: the tests whose imports lead to a changed file. If only rules
 * changed, these are the unit tests that import them and the scenarios of their entities on
 * servers: everything else on servers would be the same.
 */
export function runsForChange(
  changed: readonly string[],
  since: string,
  projects: readonly string[],
): readonly PlannedRun[] {
  const code = changed.filter((path) => !NO_CODE.test(path));
  if (code.length === 0) return [];
  const related = (project: string): PlannedRun => ({
    name: project,
    args: ['--selectProjects', project, `--changedSince=${since}`, '--passWithNoTests'],
  });
  if (!code.every((path) => RULE.test(path))) return projects.map(related);
  const entities = [...new Set(code.map((path) => RULE.exec(path)?.[1] ?? ''))];
  const scenarios = entities.map((entity) => `/${entity}-scenarios`);
  const onServers = ['e2e', 'workflow'].map((project) => {
    return { name: project, args: ['--selectProjects', project, '--passWithNoTests', '--', ...scenarios] };
  });
  return [...onServers, related('unit')];
}
