import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OperatedServices } from '#libs/testing/operated-services.js';
import { OperationsClient } from '../operations-client.js';
import { viewsCommand } from './views.command.js';

const VIEW = 'cart.carts.v1';
const REBUILD = `cart/views/${VIEW}/rebuild`;

let services: OperatedServices;
let client: OperationsClient;
let shown: string;
beforeEach(async () => {
  services = new OperatedServices();
  client = new OperationsClient(await services.listen(), 'tester');
  const row = { view: VIEW, state: 'current', lag: 0, parkedEntities: 0 };
  services.answers.set(REBUILD, () => ({}));
  services.answers.set('cart/views', () => ({ data: [row] }));
  shown = '';
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      shown += String(text);
      return true;
    });
  }
});
afterEach(async () => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  await services.close();
});

/** As on a command line, but for the end of the process. */
async function run(...words: readonly string[]): Promise<void> {
  const command = viewsCommand(client);
  for (const one of [command, ...command.commands]) one.exitOverride();
  await command.parseAsync(words, { from: 'user' });
}

const posted = () => services.asked.filter(({ method }) => method === 'POST');

describe('a throttle', () => {
  beforeEach(() => {
    for (const service of ['account', 'inventory'])
      services.answers.set(`${service}/views`, () => ({ data: [] }));
  });

  it.each([
    ['500', 500, 'At most 500 events a second and process.\n'],
    ['none', null, 'It goes as fast as it can.\n'],
  ])('of %s is set', async (rate, throttle, said) => {
    await run('throttle', VIEW, rate);
    expect(posted()).toEqual([{ method: 'POST', path: `${REBUILD}/throttle`, body: { throttle } }]);
    expect(shown).toBe(said);
  });

  it.each(['500/s', '0', '-1', '1.5', '1e3', 'null', '', 'None'])(
    'of %j is refused in one line, and nothing is changed',
    async (rate) => {
      await expect(run('throttle', VIEW, rate)).rejects.toMatchObject({ exitCode: 1 });
      await expect(run('rebuild', VIEW, '--throttle', rate)).rejects.toMatchObject({ exitCode: 1 });
      expect(shown.trimEnd().split('\n')).toHaveLength(2);
      expect(shown).toContain('It has to be a whole number above zero');
      expect(posted()).toEqual([]);
    },
  );
});
