import type { Need } from '#contracts/overview.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { ListedProcess } from '../workers/workers.schemas.js';
import { type NeedScope, pageLink, subjectOf } from './need-source.js';

const RECENT_MILLISECONDS = 60 * 60_000;
const WORKERS = '/operations/workers';

/** What needs a person according to the reports of the processes of a service. */
export function processNeeds(scope: NeedScope, processes: readonly ListedProcess[]): readonly Need[] {
  const provenAt = latest(processes.flatMap(({ proven = [] }) => proven));
  return processes.flatMap((one) => [
    ...silent(scope, one),
    ...restarts(scope, one),
    ...drift(scope, one, provenAt),
    ...hot(scope, one),
  ]);
}

/** When each was proven last, by whichever process. */
function latest(proven: NonNullable<ListedProcess['proven']>): ReadonlyMap<string, string> {
  return new Map(
    proven.toSorted((one, other) => (one.at < other.at ? -1 : 1)).map(({ stream, at }) => [stream, at]),
  );
}

const linkTo = (process: string): string => pageLink(WORKERS, { process });

function silent({ service }: NeedScope, of: ListedProcess): readonly Need[] {
  const { state, process, heardAt: since, acknowledgedAt = '' } = of;
  if (state !== 'silent' || since <= acknowledgedAt) return [];
  const title = `process ${process} does not report any more`;
  return [{ kind: 'server-away', severity: 'now', title, since, service, link: linkTo(process) }];
}

/** Of the process, or of one of its workers, within the last hour and not acknowledged. */
function restarts({ service }: NeedScope, of: ListedProcess): readonly Need[] {
  const { process, state, workers, acknowledgedAt = '' } = of;
  if (state === 'ended') return [];
  const all = [
    { name: `process ${process}`, ...of },
    ...workers.map((worker) => ({ name: `worker ${worker.worker} of ${process}`, ...worker })),
  ];
  return all.flatMap(({ name, restarts: times, lastFailure, state: at }): Need[] => {
    if (!lastFailure || Date.now() - Date.parse(lastFailure.at) > RECENT_MILLISECONDS) return [];
    const isDown = at === 'failed' || at === 'restarting';
    if (!isDown && lastFailure.at <= acknowledgedAt) return [];
    const again = times === 1 ? 'once' : `${times} times`;
    return [
      {
        kind: 'worker-restarts',
        severity: isDown ? 'now' : 'soon',
        title: `${name} ${isDown ? 'has failed' : `was restarted ${again}`}`,
        detail: lastFailure.reason,
        since: lastFailure.at,
        service,
        link: linkTo(process),
      },
    ];
  });
}

/** What was found and not settled since. A topic is not compared with the entity alone. */
function drift(
  scope: NeedScope,
  { drift: found = [] }: ListedProcess,
  provenAt: ReadonlyMap<string, string>,
): readonly Need[] {
  return found.flatMap(({ at: since, kind, stream, where, healed }): Need[] => {
    const of = entityIn(scope, stream);
    if (!of || (kind !== 'topic' && since <= (provenAt.get(stream) ?? ''))) return [];
    return [
      {
        kind: 'drift',
        severity: healed ? 'watch' : 'now',
        title: `${stream} differed from its stream (${kind})${healed ? ', and was healed' : ''}`,
        ...(where !== undefined && { detail: where }),
        since,
        service: scope.service,
        ...of,
        link: pageLink('/operations/doctor', { service: scope.service, stream }),
      },
    ];
  });
}

function hot(scope: NeedScope, { hotEntities = [] }: ListedProcess): readonly Need[] {
  return hotEntities.flatMap(({ stream, at: since, isRefused }): Need[] => {
    const of = entityIn(scope, stream);
    if (!of) return [];
    const { category, id } = of.subject;
    return [
      {
        kind: 'hot-entity',
        severity: isRefused ? 'now' : 'watch',
        title: `${category} ${id} is sent more commands than it decides`,
        ...(isRefused && { detail: 'Further commands are refused with ENTITY.BUSY' }),
        since,
        service: scope.service,
        ...of,
      },
    ];
  });
}

/** The entity of a stream, if its needs are looked for. */
export function entityIn(scope: NeedScope, stream: string) {
  const { category, id, tenant } = parseStreamName(stream) ?? {};
  if (category === undefined || id === undefined || tenant === undefined) return undefined;
  return scope.isOfAllTenants || tenant === scope.own ? subjectOf(scope, category, id, tenant) : undefined;
}
