import { describe, expect, it } from '@jest/globals';
import { databaseProblem } from './database-problem.js';

const coded = (code: string) => Object.assign(new Error('x'), { code });

describe('an error from PostgreSQL', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', '57P01', '57P03', '57014', '08006', '53300'])(
    'with code %s means that it is unavailable',
    (code) =>
      expect(databaseProblem(coded(code))).toMatchObject({
        status: 503,
        code: 'ENGINE.UNAVAILABLE',
        extras: { members: { engine: 'postgres' } },
      }),
  );

  it.each(['Connection terminated unexpectedly', 'Query read timeout'])(
    'with the message "%s" means that it is unavailable',
    (message) => expect(databaseProblem(new Error(message))?.status).toBe(503),
  );

  it('about a missing table means that no projector has run yet', () => {
    expect(databaseProblem(coded('42P01'))?.extras.members).toEqual({ engine: 'projector' });
  });

  it.each([coded('22021'), new Error('x'), undefined, null, 'text'])('may be a bug (%#)', (error) => {
    expect(databaseProblem(error)).toBeUndefined();
  });
});
