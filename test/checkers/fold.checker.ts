import { isDeepStrictEqual } from 'node:util';
import { type EventFact, groupBy, type StateFact } from './facts.js';

/** I4, streams: revisions start at 0 and have no gap. */
export function checkRevisions(events: readonly EventFact[]): string[] {
  return [...groupBy(events, (event) => event.stream)].flatMap(([stream, own]) => {
    const wrong = own.findIndex(({ revision }, index) => revision !== index);
    return wrong < 0 ? [] : [`${stream} has revision ${own[wrong]?.revision} in place of ${wrong}`];
  });
}

/** I4, entities: the live state is the fold of the stream. */
export function checkLiveStates(live: readonly StateFact[], folded: readonly StateFact[]): string[] {
  const expected = new Map(folded.map((fact) => [fact.stream, fact]));
  return live.flatMap(({ stream, revision, state }) => {
    const fold = expected.get(stream);
    if (!fold) return [`${stream} lives and has no stream`];
    if (fold.revision !== revision)
      return [`${stream} lives at revision ${revision}, its stream is at ${fold.revision}`];
    return isDeepStrictEqual(plain(state), plain(fold.state))
      ? []
      : [`${stream} lives in another state than its stream says at revision ${revision}`];
  });
}

function plain(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state)) as unknown;
}
