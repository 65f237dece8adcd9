import { expect, it } from '@jest/globals';
import { operatorSession } from '#libs/testing/operator-session.js';
import { auditCommand } from './audit.command.js';

const operator = operatorSession(auditCommand);

it('lists acts, filtered', async () => {
  const act = {
    id: 1,
    at: '2026-01-01T00:00:00.000Z',
    operator: 'olivia',
    area: 'workers',
    verb: 'drain',
    subject: 'account-work',
    outcome: 'refused',
    code: 'WORKER.NOT_FOUND',
    reason: 'new machine',
    detail: { worker: 'x' },
  };
  operator.services.answers.set('/v1/audit?operator=olivia&verb=drain', () => ({ data: [act] }));
  await operator.run('--operator', 'olivia', '--verb', 'drain');
  expect(operator.shown()).toMatch(
    /olivia +workers +drain +account-work +refused +WORKER\.NOT_FOUND +new machine +\{"worker":"x"\}/,
  );
});
