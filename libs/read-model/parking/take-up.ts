import type { Pool, PoolClient } from 'pg';
import { ProblemError } from '#libs/core/problem-error.js';
import { viewProblems } from '../view-problems.js';
import { inTransaction } from '../transaction.js';
import { type AnyView, logicalKey, viewKey } from '#libs/core/view-definition.js';
import type { ViewFolder } from '../view-folder.js';
import { type Amendment, saveAmendment, withdrawAmendment } from './amendments.js';
import {
  foldPortion,
  holdParked,
  loadPortion,
  type Parked,
  type Portion,
  takeNextPortion,
} from './portions.js';
import { noteInAudit } from './view-audit.js';

/**
 * What to do with a parked entity: retry it unchanged, skip the event that failed, or replace its
 * data.
 */
export type Verb = { readonly verb: 'retry' } | Amendment;

export interface TakeUp {
  readonly view: AnyView;
  readonly stream: string;
  readonly what: Verb;
  /**
   * The event that the operator has seen. If the entity is parked at another one by now, nothing is
   * done.
   */
  readonly revision?: number | undefined;
  readonly operator: string;
  readonly reason?: string | undefined;
}

/** The result. The audit says `catching-up` if the first portion left more to fold. */
export interface TakenUp {
  readonly result: Portion['result'];
  readonly revision: number;
  readonly folded: number;
  readonly reason?: string;
  readonly attempts?: number;
}

/**
 * Retries a parked entity: folds the pending events, in order. If one of them fails, the entity
 * stays parked there, with everything before it folded. The first portion is folded in the
 * transaction that records the operator's decision, and each further one in a separate transaction.
 * If this process ends in between, a projector continues. Throws `viewProblems.notParked`,
 * `viewProblems.parkedElsewhere`, `viewProblems.catchingUp`, `viewProblems.nothingToAmend`,
 * `viewProblems.notAmendable`, `viewProblems.rebuildState`, and errors of PostgreSQL and the store.
 */
export async function takeUp(pool: Pool, folder: ViewFolder, request: TakeUp): Promise<TakenUp> {
  const { view, what } = request;
  if (view.isProof && what.verb !== 'retry') {
    throw new ProblemError(
      viewProblems.notAmendable,
      `${viewKey(view)} must match the stream: fix its code and retry`,
    );
  }
  const first = await inTransaction(pool, (client) => decide(client, folder, request));
  let portion = first.portion;
  while (portion.result === 'catching-up')
    portion = await takeNextPortion(pool, folder, view, request.stream);
  return outcomeOf(portion, first.from);
}

/** Executes and records an operator's decision, and folds the first pending events. */
async function decide(
  client: PoolClient,
  folder: ViewFolder,
  request: TakeUp,
): Promise<{ from: number; portion: Portion }> {
  const { view, stream, what, operator, reason } = request;
  const key = viewKey(view);
  const before = await holdParked(client, view, stream);
  if (!before) throw new ProblemError(viewProblems.notParked, `${stream} is not parked in ${key}`);
  refuseElsewhere(before, request);
  const events = await loadPortion(client, key, stream);
  const failed = events.find(({ revision }) => revision === before.revision);
  if (what.verb !== 'retry') {
    if (!failed)
      throw new ProblemError(
        viewProblems.nothingToAmend,
        `there is no revision ${before.revision} of ${stream}`,
      );
    await saveAmendment(client, logicalKey(view), failed, what);
  }
  const portion = await foldPortion(client, folder, { key, stream, events });
  // It did not help, so it must not affect the operator's next decision.
  if (what.verb !== 'retry' && portion.result === 'parked' && portion.revision === before.revision) {
    await withdrawAmendment(client, logicalKey(view), stream, before.revision);
  }
  const { verb } = what;
  await noteInAudit(client, {
    ...{ operator, view: key, verb, stream, revision: before.revision, reason },
    before: { ...before, event: failed },
    after: what.verb === 'patch' ? what.replacement : undefined,
    result: outcomeOf(portion, before.revision),
  });
  return { from: before.revision, portion };
}

function refuseElsewhere(before: Parked, { view, stream, what, revision }: TakeUp): void {
  if (before.attempts === 0) {
    if (what.verb === 'retry') return;
    throw new ProblemError(
      viewProblems.catchingUp,
      `${stream} is at revision ${before.revision} in ${viewKey(view)} and continues`,
    );
  }
  if (revision !== undefined && revision !== before.revision) {
    throw new ProblemError(
      viewProblems.parkedElsewhere,
      `${stream} is parked at revision ${before.revision} in ${viewKey(view)}`,
    );
  }
}

/** `from` is the revision of the first pending event. */
function outcomeOf(portion: Portion, from: number): TakenUp {
  const { result, revision } = portion;
  if (result !== 'parked') return { result, revision, folded: revision + 1 - from };
  const { reason, attempts } = portion;
  return { result, revision, folded: revision - from, reason, attempts };
}
