import type { Need } from '#contracts/overview.js';
import type { ViewStanding } from '#libs/read-model/view-standing.js';
import { entityIn } from './process-needs.js';
import { MOST_NEEDS, type NeedScope, pageLink } from './need-source.js';

const VIEWS = '/operations/views';
/** Of records. Less is caught up in a moment. */
const LAG = 1_000;

interface Found {
  readonly view: string;
  readonly stream: string;
  readonly revision: string;
  readonly reason: string;
  readonly parked_at: Date;
}

/** Entities that a view of these cannot continue with. */
export async function parkedNeeds(scope: NeedScope, views: readonly string[]): Promise<readonly Need[]> {
  const { rows } = await scope.pool.query<Found>(
    `SELECT view, stream, revision, reason, parked_at FROM read_model.parked_entities
     WHERE view = ANY ($1) ORDER BY parked_at LIMIT $2`,
    [views, MOST_NEEDS],
  );
  return rows.flatMap(({ view, stream, revision, reason, parked_at: since }): Need[] => {
    const of = entityIn(scope, stream);
    if (!of) return [];
    return [
      {
        kind: 'parked-entity',
        severity: 'now',
        title: `${stream} is parked in ${view} at revision ${revision}`,
        detail: reason,
        since: since.toISOString(),
        service: scope.service,
        ...of,
        link: pageLink(VIEWS, { view, stream }),
      },
    ];
  });
}

/** Views that do not follow their topics. */
export function lagNeeds({ service }: NeedScope, standings: readonly ViewStanding[]): readonly Need[] {
  return standings.flatMap(({ view, state, lag }): Need[] => {
    const isStalled = state === 'stalled';
    if (!isStalled && lag < LAG) return [];
    const title = isStalled ? `view ${view} stands` : `view ${view} is behind`;
    const detail = `${lag} records of its topic are not applied`;
    const link = pageLink(VIEWS, { view });
    return [{ kind: 'view-lag', severity: isStalled ? 'now' : 'watch', title, detail, service, link }];
  });
}
