import { beforeEach, describe, expect, it } from '@jest/globals';
import { SERVICE_NAMES } from '#contracts/services.js';
import { operatorSession } from '#libs/testing/operator-session.js';
import { doctorCommand } from './doctor.command.js';

const zero = {
  streams: 1,
  events: 1,
  records: 1,
  states: 1,
  live: 1,
  silent: 0,
  views: {},
  drift: 0,
  healed: 0,
};
const report = (category: string, entities = 1) => ({
  kind: 'report',
  report: { ...zero, category, entities },
});
const DONE = { kind: 'done' };

const operator = operatorSession(doctorCommand);
const { run } = operator;

describe('while a service is away', () => {
  it('the others are compared, it has a line, and the exit code is 1', async () => {
    for (const service of SERVICE_NAMES.filter((name) => name !== 'cart')) {
      operator.services.answers.set(service, () => [report(service), DONE]);
    }
    await run('--sample', '0');
    expect(operator.services.asked.map(({ body }) => body)).toEqual(SERVICE_NAMES.map(() => ({ sample: 0 })));
    expect(operator.shown()).toMatch(/^inventory /m);
    expect(operator.shown()).toContain(
      'All that was compared matches the streams.\nENGINE.UNAVAILABLE: cart service',
    );
    expect(process.exitCode).toBe(1);
  });

  it('an unavailable service does not matter if another has all that was requested', async () => {
    operator.services.answers.set('account', () => [report('account'), DONE]);
    await run('account-default.alice');
    expect(process.exitCode).toBeUndefined();
  });

  it('an entity is not reported as missing while a service is unavailable', async () => {
    operator.services.answers.set('inventory', () => [DONE]);
    await expect(run('account-default.alice')).rejects.toThrow(/^ENGINE.UNAVAILABLE: account service/);
  });

  it('and one that broke off was not compared', async () => {
    operator.services.answers.set('account', () => [report('account')]);
    operator.services.answers.set('cart', () => [{ kind: 'failed', detail: 'kafka does not answer' }]);
    operator.services.answers.set('inventory', () => [report('inventory'), DONE]);
    await run();
    expect(operator.shown()).toContain('account became unavailable before it had compared everything\n');
    expect(operator.shown()).toContain('cart cannot continue: kafka does not answer\n');
  });
});

describe('while all are there', () => {
  beforeEach(() => {
    for (const service of SERVICE_NAMES) operator.services.answers.set(service, () => [DONE]);
    operator.services.answers.set('account', () => [report('account', 0), DONE]);
  });

  it('a missing entity is reported', async () => {
    await expect(run('account-default.nobody')).rejects.toThrow('there is no account-default.nobody');
    operator.services.answers.set('account', () => [DONE]);
    await expect(run('--category', 'nothing')).rejects.toThrow('no service has entities of this kind');
  });

  it('all is well', async () => {
    await run();
    expect(operator.shown()).toContain('Everything matches the streams.\n');
    expect(process.exitCode).toBeUndefined();
  });

  it('an entity that did not answer is reported, and the verdict is not that everything matches', async () => {
    const { kind, report: told } = report('account');
    operator.services.answers.set('account', () => [{ kind, report: { ...told, live: 0, silent: 2 } }, DONE]);
    await run();
    expect(operator.shown()).toContain(
      'All that was compared matches the streams.\nno answer from 2 entities',
    );
    expect(process.exitCode).toBe(1);
  });
});
