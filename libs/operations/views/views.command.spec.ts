import { beforeEach, describe, expect, it } from '@jest/globals';
import { SERVICE_NAMES } from '#contracts/services.js';
import { captureOutput } from '#libs/testing/capture-output.js';
import { OperatedServices } from '#libs/testing/operated-services.js';
import { operatorSession } from '#libs/testing/operator-session.js';
import { viewsCommand } from './views.command.js';

const VIEW = 'cart.carts.v1';
const REBUILD = `cart/views/${VIEW}/rebuild`;

const operator = operatorSession(viewsCommand);
const { run } = operator;
beforeEach(() => {
  const row = { view: VIEW, state: 'current', lag: 0, parkedEntities: 0 };
  operator.services.answers.set(REBUILD, () => ({}));
  operator.services.answers.set('cart/views', () => ({ data: [row] }));
});

const posted = () => operator.services.asked.filter(({ method }) => method === 'POST');

/** The other services answer too, and have no views. */
function all(): void {
  for (const service of SERVICE_NAMES.filter((name) => name !== 'cart'))
    operator.services.answers.set(`${service}/views`, () => ({ data: [] }));
}

describe('a throttle', () => {
  beforeEach(all);

  it.each([
    ['500', 500, 'At most 500 events per second and process.\n'],
    ['none', null, 'There is no limit now.\n'],
  ])('of %s is set', async (rate, throttle, said) => {
    await run('throttle', VIEW, rate);
    expect(posted()).toEqual([{ method: 'POST', path: `${REBUILD}/throttle`, body: { throttle } }]);
    expect(operator.shown()).toBe(said);
  });

  it.each(['500/s', '0', '-1', '1.5', '1e3', 'null', '', 'None'])(
    'of %j is refused in one line, and nothing is changed',
    async (rate) => {
      await expect(run('throttle', VIEW, rate)).rejects.toMatchObject({ exitCode: 1 });
      await expect(run('rebuild', VIEW, '--throttle', rate)).rejects.toMatchObject({ exitCode: 1 });
      expect(operator.shown().trimEnd().split('\n')).toHaveLength(2);
      expect(operator.shown()).toContain('It has to be a whole number above zero');
      expect(posted()).toEqual([]);
    },
  );
});

describe('while other services are away', () => {
  it('a view is operated by the service that has it', async () => {
    await run('throttle', VIEW, '500');
    expect(posted()).toHaveLength(1);
    expect(operator.shown()).toBe('At most 500 events per second and process.\n');
  });

  it('a frozen service is not waited for', async () => {
    operator.services.answers.set('account/views', () => new Promise(() => undefined));
    await run('cancel', VIEW);
    expect(posted()).toHaveLength(1);
  });

  it('the views of those that answer are listed, each of the others has a line, and the exit code is 1', async () => {
    await run('list');
    expect(operator.shown()).toContain(`${VIEW}  cart`);
    expect(operator.shown()).toContain(
      'account is missing: ENGINE.UNAVAILABLE: account service does not answer\n',
    );
    expect(operator.shown()).toContain('inventory is missing: ');
    expect(process.exitCode).toBe(1);
  });

  it('a view that was not found may be theirs', async () => {
    await expect(run('throttle', 'account.accounts.v1', '5')).rejects.toThrow(
      /^there is no view account\.accounts\.v1: .*account service does not answer, .*inventory service does/,
    );
    all();
    await expect(run('throttle', 'account.accounts.v1', '5')).rejects.toThrow(/shows all$/);
  });

  it('all of them are reported at once', async () => {
    operator.services.answers.clear();
    const lines = SERVICE_NAMES.map((name) => `ENGINE.UNAVAILABLE: ${name} service does not answer`);
    await expect(run('list')).rejects.toThrow(lines.join('\n'));
    await operator.services.close();
    await expect(run('list')).rejects.toThrow(/^nothing answers at http[^\n]*$/);
    await expect(run('cancel', VIEW)).rejects.toThrow(/^nothing answers at http[^\n]*$/);
    operator.services = new OperatedServices();
    await operator.services.listen();
  });

  it('the audit of those that answer is shown, with the events when they are asked for', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const common = { at, operator: 'ann', view: VIEW, stream: 'cart-default.c1', revision: 1 };
    const before = { revision: 1, event: { data: { amount: 666 } } };
    const patch = {
      ...common,
      verb: 'patch',
      before,
      after: { data: { amount: 6 } },
      result: { result: 'caught-up' },
    };
    operator.services.answers.set('cart/audit', () => ({
      data: [patch, { at, operator: 'ann', view: VIEW, verb: 'switch', result: {} }],
    }));
    await run('audit');
    expect(operator.shown()).toContain('caught-up');
    expect(operator.shown()).toContain('inventory is missing: ');
    expect(operator.shown()).not.toContain('666');
    operator.shown = captureOutput();
    await run('audit', '--events');
    expect(operator.shown()).toMatch(
      /patch {2}cart-default\.c1@1\n {2}before .*666.*\n {2}after {2}\{"data":\{"amount":6\}\}\n$/,
    );
  });
});

describe('a rebuild whose rows cannot be compared', () => {
  beforeEach(() => {
    const row = { view: VIEW, state: 'current', lag: 0, parkedEntities: 0 };
    operator.services.answers.set(`${REBUILD}/switch`, () => ({}));
    operator.services.answers.set(`${REBUILD}/cancel`, () => ({}));
    operator.services.answers.set(REBUILD, ({ path }) => {
      if (path.endsWith('diff')) throw new Error('away');
      return { id: 1, state: 'filling', isReady: true };
    });
    operator.services.answers.set('cart/views', () => ({ data: [row] }));
  });

  it.each([
    ['--switch', 'switch', 'The new view serves now'],
    ['--dry-run', 'cancel', 'The rebuild was removed'],
  ])('with %s still ends, with exit code 1', async (option, verb, said) => {
    await run('rebuild', VIEW, option);
    expect(posted().map(({ path }) => path)).toEqual([`${REBUILD}/${verb}`]);
    expect(operator.shown()).toContain('The rows could not be compared: ENGINE.UNAVAILABLE');
    expect(operator.shown()).toContain(said);
    expect(process.exitCode).toBe(1);
  });
});
