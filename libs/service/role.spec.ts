import { expect, it } from '@jest/globals';
import { ROLES, rolesVariable } from './role.js';

it.each([
  [undefined, ROLES],
  ['worker', ['entities', 'flows', 'effects']],
  ['api, worker,effects', ['api', 'entities', 'flows', 'effects']],
  ['relay,effects', ['relay', 'effects']],
])('ROLES=%s are %j', (text, roles) => {
  expect(rolesVariable.parse(text)).toEqual(roles);
});

it.each(['', 'workers', 'api,'])('ROLES=%j is refused', (text) => {
  const list = 'must list some of api, entities, flows, effects, relay, projector, commands, worker';
  expect(() => rolesVariable.parse(text)).toThrow(list);
});
