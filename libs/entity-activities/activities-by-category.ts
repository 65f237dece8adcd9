import { parseStreamName } from '#libs/decider/entity-id.js';
import type { EntityActivities } from '#libs/entity-workflow/entity-messages.js';
import { whileAlive } from './while-alive.js';

/** One set of activities for a worker that runs entities of several categories: the stream's name says whose it is. */
export function activitiesByCategory(entities: Readonly<Record<string, EntityActivities>>): EntityActivities {
  const of = ({ stream }: { readonly stream: string }): EntityActivities => {
    const found = entities[parseStreamName(stream)?.category ?? ''];
    if (!found) throw new TypeError(`no entity of this worker owns the stream ${stream}`);
    return found;
  };
  return {
    loadEntity: (request) => whileAlive(() => of(request).loadEntity(request)),
    decideAndAppend: (request) => whileAlive(() => of(request).decideAndAppend(request)),
    runEffect: (request) => whileAlive(() => of(request).runEffect(request)),
    saveSnapshot: (request) => of(request).saveSnapshot(request),
  };
}
