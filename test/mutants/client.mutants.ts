import type { Mutant } from './mutant.js';

const spec = 'libs/client/client.spec.ts';

/** Bugs in the client. */
export const clientMutants: readonly Mutant[] = [
  {
    id: 'client-key-each-time',
    bug: 'A command that is not decided is sent again under another key.',
    file: 'libs/client/entity-client.ts',
    replace: 'const request = asked(data, key, options, prefer);',
    by: 'const request = asked(data, freshKey(), options, prefer);',
    spec,
    test: 'a command is repeated under its key while it is not decided',
  },
  {
    id: 'client-feed-from-start',
    bug: 'A feed that was interrupted begins again.',
    file: 'libs/client/follow.ts',
    replace: 'lastId = frame.id ?? lastId;',
    by: '',
    spec,
    test: 'a feed resumes after the last event',
  },
  {
    id: 'client-repeats-posts',
    bug: 'What may be carried out twice is sent again.',
    file: 'libs/client/connection.ts',
    replace: "const { method = 'GET', isSafe = method === 'GET', signal } = asking;",
    by: "const { method = 'GET', isSafe = true, signal } = asking;",
    spec,
    test: 'is posted to once',
  },
  {
    id: 'client-stale-lists',
    bug: 'A list need not show what the client has just written.',
    file: 'libs/client/entity-client.ts',
    replace: 'this.written.add(token);',
    by: '',
    spec,
    test: 'a list is asked to show what this client and others wrote',
  },
];
