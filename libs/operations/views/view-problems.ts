import { Problem } from '#libs/api/http/problem.js';
import {
  CatchingUpError,
  NotAmendableError,
  NothingToAmendError,
  NotParkedError,
  ParkedElsewhereError,
} from '#libs/read-model/parking/parking.errors.js';
import { TablesBusyError } from '#libs/read-model/read-model.errors.js';
import {
  RebuildBehindError,
  RebuildParksMoreError,
  RebuildStateError,
} from '#libs/read-model/rebuild/rebuild.errors.js';

const BUSY_RETRY_SECONDS = 30;

/** What may be wrong with what an operator asks of a view, by code: status and title. */
export const viewProblems = {
  'VIEW.NOT_FOUND': { status: 404, title: 'The service has no such view' },
  'VIEW.NOT_PARKED': { status: 404, title: 'The view has not parked this entity' },
  'VIEW.PARKED_ELSEWHERE': { status: 409, title: 'The entity is parked at another event by now' },
  'VIEW.CATCHING_UP': { status: 409, title: 'The entity is catching up: no event of it is bad' },
  'VIEW.NOTHING_TO_AMEND': { status: 409, title: 'The event that is missing is not there to be amended' },
  'VIEW.NOT_AMENDABLE': { status: 409, title: 'The view leaves out or replaces no event' },
  'VIEW.REBUILD_STATE': { status: 409, title: 'The rebuild of the view is at another point' },
  'VIEW.REBUILD_BEHIND': { status: 409, title: 'The new view is behind the one that serves' },
  'VIEW.REBUILD_PARKS_MORE': { status: 409, title: 'The new view has parked what the one that serves shows' },
  'VIEW.REBUILD_BUSY': { status: 503, title: 'Other transactions hold the tables of the view' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ViewProblemCode = keyof typeof viewProblems;

/** A problem of the list above. */
export function viewProblem(
  code: ViewProblemCode,
  detail: string,
  extras?: ConstructorParameters<typeof Problem>[4],
): Problem {
  const { status, title } = viewProblems[code];
  return new Problem(status, code, title, detail, extras);
}

/** The answer, or what the read model refuses as a problem; any other failure stays as it is. */
export async function orViewProblem<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toViewProblem(error);
  }
}

function toViewProblem(error: unknown): unknown {
  if (error instanceof NotParkedError) return viewProblem('VIEW.NOT_PARKED', error.message);
  if (error instanceof ParkedElsewhereError) return viewProblem('VIEW.PARKED_ELSEWHERE', error.message);
  if (error instanceof CatchingUpError) return viewProblem('VIEW.CATCHING_UP', error.message);
  if (error instanceof NothingToAmendError) return viewProblem('VIEW.NOTHING_TO_AMEND', error.message);
  if (error instanceof NotAmendableError) return viewProblem('VIEW.NOT_AMENDABLE', error.message);
  if (error instanceof RebuildStateError) return viewProblem('VIEW.REBUILD_STATE', error.message);
  if (error instanceof RebuildBehindError) return viewProblem('VIEW.REBUILD_BEHIND', error.message);
  if (error instanceof RebuildParksMoreError) return viewProblem('VIEW.REBUILD_PARKS_MORE', error.message);
  if (error instanceof TablesBusyError) return busyProblem(error);
  return error;
}

/** The request is right, and nothing of it was done: it goes through once those who hold the tables end. */
function busyProblem({ message, holders }: TablesBusyError): Problem {
  const headers = { 'retry-after': String(BUSY_RETRY_SECONDS) };
  return viewProblem('VIEW.REBUILD_BUSY', message, { headers, members: { holders } });
}
