import type { ProblemKind } from '#libs/core/problem-error.js';

/** Why a view refuses an operator's action. Nothing was changed. */
export const viewProblems = {
  notFound: { code: 'VIEW.NOT_FOUND', status: 404, title: 'The service has no such view' },
  notParked: { code: 'VIEW.NOT_PARKED', status: 404, title: 'The view has not parked this entity' },
  parkedElsewhere: {
    code: 'VIEW.PARKED_ELSEWHERE',
    status: 409,
    title: 'The entity is parked at another event by now',
  },
  /** Pending events are being folded: there is nothing to decide until that is done. */
  catchingUp: {
    code: 'VIEW.CATCHING_UP',
    status: 409,
    title: 'The entity is catching up and has no bad event',
  },
  /** The store does not have the missing event. */
  nothingToAmend: {
    code: 'VIEW.NOTHING_TO_AMEND',
    status: 409,
    title: 'The missing event does not exist, so it cannot be amended',
  },
  /** The view must match its streams. */
  notAmendable: {
    code: 'VIEW.NOT_AMENDABLE',
    status: 409,
    title: 'No event of this view can be skipped or replaced',
  },
  rebuildState: {
    code: 'VIEW.REBUILD_STATE',
    status: 409,
    title: 'The rebuild of the view is in another state',
  },
  /** After a switch, the view would show less than before. */
  rebuildBehind: {
    code: 'VIEW.REBUILD_BEHIND',
    status: 409,
    title: 'The new view lags behind the one that serves',
  },
  rebuildParksMore: {
    code: 'VIEW.REBUILD_PARKS_MORE',
    status: 409,
    title: 'The new view has parked entities that the serving one shows',
  },
  rebuildBusy: {
    code: 'VIEW.REBUILD_BUSY',
    status: 503,
    title: 'Other transactions hold the tables of the view',
  },
} as const satisfies Record<string, ProblemKind>;
