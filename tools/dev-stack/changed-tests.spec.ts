import { describe, expect, it } from '@jest/globals';
import { runsForChange } from './changed-tests.js';

const projects = ['e2e', 'integration', 'unit'];
const argsFor = (...changed: string[]) =>
  Object.fromEntries(
    runsForChange(changed, 'main', projects).map(({ name, args }) => [name, args.join(' ')]),
  );

describe('the tests for a change', () => {
  it('of a rule are its unit tests and the scenarios of its entity', () => {
    expect(argsFor('apps/cart/src/domain/cart.decide.ts', 'docs/domain.md')).toEqual({
      e2e: '--selectProjects e2e --passWithNoTests -- /cart-scenarios',
      workflow: '--selectProjects workflow --passWithNoTests -- /cart-scenarios',
      unit: '--selectProjects unit --changedSince=main --passWithNoTests',
    });
  });

  it('of anything else are those of all projects that lead to it', () => {
    const related = (project: string) => `--selectProjects ${project} --changedSince=main --passWithNoTests`;
    expect(argsFor('apps/cart/src/domain/cart.decide.ts', 'libs/relay/relay.ts')).toEqual(
      Object.fromEntries(projects.map((project) => [project, related(project)])),
    );
  });

  it('of documents are empty', () => {
    expect(argsFor('README.md')).toEqual({});
  });
});
