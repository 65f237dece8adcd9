import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { readConfig } from '#libs/api/http/read-config.js';
import { toProblem } from '#libs/api/http/to-problem.js';
import { stopInOrder } from '#libs/api/http/run-service.js';
import { closersOf, connectEngines, type Engines } from '#libs/service/engines.js';
import { serviceConfig } from '#libs/service/service-config.js';

const logger = pino({ level: 'silent' });
let engines: Engines;
beforeAll(() => {
  engines = connectEngines('bounded', readConfig(serviceConfig(3_000), process.env), logger);
});
afterAll(() => stopInOrder([closersOf(engines)], logger));

it.each(['queryPool', 'keyPool'] as const)(
  'a query of %s that takes longer than 3 s is ended',
  async (pool) => {
    const begun = performance.now();
    const error: unknown = await engines[pool]
      .query('SELECT pg_sleep(60)')
      .catch((reason: unknown) => reason);
    expect(toProblem(error)).toMatchObject({ code: 'ENGINE.UNAVAILABLE', status: 503 });
    expect(performance.now() - begun).toBeLessThan(30_000);
  },
);
