import type { Mutant } from './mutant.js';

/** Bugs in what is told of the past of an entity. */
export const pastMutants: readonly Mutant[] = [
  {
    id: 'why-first-event',
    bug: 'The event that first set a value is named, not the one that last changed it.',
    file: 'libs/entity/gateway/origins.ts',
    replace: 'origins.set(place.path, origin);',
    by: 'if (!origins.has(place.path)) origins.set(place.path, origin);',
    spec: 'libs/entity/gateway/entity-history.spec.ts',
    test: 'each value comes from the last event after which it was another',
  },
  {
    id: 'past-of-erased-stream',
    bug: 'What was read of a stream is believed after the stream was erased.',
    file: 'libs/entity/gateway/retelling.ts',
    replace: 'return event.revision === fold.revision && event.id === eventId;',
    by: 'return event.revision === fold.revision || event.id === eventId;',
    spec: 'libs/entity/gateway/entity-history.spec.ts',
    test: 'the state of a stream that was erased and written again is not that of before',
  },
  {
    id: 'past-without-bound',
    bug: 'One request reads a history of any length.',
    file: 'libs/entity/gateway/retelling.ts',
    replace: 'read === this.mostEvents ||',
    by: 'read === Infinity ||',
    spec: 'libs/entity/gateway/entity-history.spec.ts',
    test: 'a long history is read in several requests, none of which reads more than its share',
  },
  {
    id: 'past-of-others',
    bug: 'The past of an entity is shown to callers that do not own it.',
    file: 'libs/api/entities/past-api.ts',
    replace: '    await assertVisible(this.gateway, this.contract, request, stream);\n',
    by: '    if (!stream) await assertVisible(this.gateway, this.contract, request, stream);\n',
    spec: 'test/access/matrix.spec.ts',
    test: 'GET /v1/accounts/{id}/diff',
  },
  {
    id: 'dry-run-stores',
    bug: 'A dry run appends its events.',
    file: 'libs/entity/gateway/dry-runs.ts',
    replace: '    const [outcome] = outcomes;\n',
    by: '    const [outcome] = outcomes;\n    if (events.length > 0) await tried.store.append(stream, before.revision, events);\n',
    spec: 'libs/entity/gateway/dry-runs.spec.ts',
    test: 'the dry run of a command that is accepted foretells its outcome and events, and writes nothing',
  },
  {
    id: 'dry-run-shows-state',
    bug: 'A dry run shows an entity to those who may only send it commands.',
    file: 'libs/api/entities/dry-run-api.ts',
    replace: "return extent === 'full' ||",
    by: 'return extent === undefined ||',
    spec: 'test/access/dry-runs.spec.ts',
    test: 'who may not read an entity learns from a dry run only what a command is answered with',
  },
];
