import { ProblemError } from '#libs/core/problem-error.js';
import { viewProblems } from '#libs/read-model/view-problems.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';

/** The views of a service, by their keys. */
export class OperatedViews {
  private readonly byKey: ReadonlyMap<string, AnyView>;

  constructor(readonly all: readonly AnyView[]) {
    this.byKey = new Map(all.map((view) => [viewKey(view), view]));
  }

  get keys(): readonly string[] {
    return [...this.byKey.keys()];
  }

  /** The view with this key. Throws a problem if there is none. */
  called(key: string): AnyView {
    const view = this.byKey.get(key);
    if (!view) throw new ProblemError(viewProblems.notFound, `there is no view ${key}`);
    return view;
  }
}
