import type { Mutant } from './mutant.js';

const spec = 'test/e2e/canaries.spec.ts';

/** Leaks of personal data and credentials that the scan for canaries finds. */
export const privacyMutants: readonly Mutant[] = [
  {
    spec,
    test: 'canaries are in no log of a service',
    id: 'privacy-headers-logged',
    bug: 'The headers of a refused request are logged.',
    file: 'libs/api/http/access.ts',
    replace: 'const { url: route } = routeOptions;',
    by: 'const route = { ...headers, of: routeOptions.url };',
  },
  {
    spec,
    test: 'canaries are on topics in the values of records only, and no secret is there',
    id: 'privacy-letter-with-credential',
    bug: 'A dead letter repeats the credential of its record.',
    file: 'libs/api/kafka-commands/dead-letter.ts',
    replace: '!CREDENTIALS.includes(name.toLowerCase())',
    by: "(name !== '' || !CREDENTIALS.includes(name))",
  },
  {
    spec,
    test: 'canaries are in nothing that Temporal shows of a workflow',
    id: 'privacy-request-in-failure',
    bug: 'The failure of a call repeats the request.',
    file: 'libs/entity/activities/http-call.ts',
    replace: 'throw new EffectNotDoneError(`${provider} answers ${status}`);',
    by: 'throw new EffectNotDoneError(`${provider} answers ${status} to ${JSON.stringify(body)}`);',
  },
  {
    spec,
    test: 'canaries are in nothing that is shown of a checkout, if they are secret',
    id: 'privacy-address-in-refusal',
    bug: 'The refusal of a call repeats the callback address that it was given.',
    file: 'libs/entity/activities/call-outside.ts',
    replace: 'throw new EffectRefusedError(error.code, hide(error.message));',
    by: 'throw new EffectRefusedError(error.code, error.message);',
  },
  {
    spec: 'libs/entity/activities/run-effect.spec.ts',
    test: 'a refusal that repeats the callback address is told without its token: cut off',
    id: 'privacy-cut-address',
    bug: 'A callback address that was cut off is told with the beginning of its token.',
    file: 'libs/entity/activities/call-outside.ts',
    replace: 'if (rest.endsWith(url.slice(0, length)))',
    by: 'if (rest === url.slice(0, length))',
  },
  {
    spec,
    test: 'canaries are not told by the doctor, nor by the reason for which an entity is parked',
    id: 'privacy-value-in-reason',
    bug: 'The reason for which an entity is parked quotes the value.',
    file: 'libs/read-model/isolated-fold.ts',
    replace: 'reason: errorText(error)',
    by: 'reason: error instanceof Error ? error.message : errorText(error)',
  },
];
