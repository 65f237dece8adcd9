import { describe, expect, it } from '@jest/globals';
import { operatorSession } from '#libs/testing/operator-session.js';
import { flowsCommand } from './flows.command.js';
import { inWords } from './spread-bar.js';

const flow = (id: string, status = 'lost', type = 'cardPayment') => {
  return {
    tenant: 'acme',
    type,
    id,
    status,
    waitsFor: 'sleep settle',
    revision: 3,
    startedAt: '2026-01-01T00:00:00.000Z',
  };
};
const accepted = () => ({ status: 'accepted', commandId: 'c' });

const operator = operatorSession(flowsCommand);
const { run } = operator;

const posted = () =>
  operator.services.asked.filter(({ method }) => method === 'POST').map(({ path }) => path);
const lines = () => operator.shown().trimEnd().split('\n');

/** The list, two flows to a page. */
function listed(...ids: readonly string[]): void {
  operator.services.answers.set('/v1/flows?', ({ path }) => {
    const from = Number(new URLSearchParams(path.split('?')[1]).get('cursor') ?? 0);
    const more = from + 2 < ids.length && { nextCursor: String(from + 2) };
    return { data: ids.slice(from, from + 2).map((id) => flow(id)), ...more };
  });
}

describe('flows list', () => {
  it('shows all pages, and passes the filters on', async () => {
    listed('a', 'b', 'c');
    await run('list', '--status', 'lost', '--type', 'cardPayment');
    expect(lines()).toHaveLength(4);
    expect(lines()[1]).toMatch(/^acme {4}cardPayment {2}a {3}lost {4}sleep settle/);
    expect(operator.services.asked[0]?.path).toBe('/v1/flows?status=lost&type=cardPayment&limit=100');
  });

  it('asks for stuck ones', async () => {
    listed('a');
    await run('list', '--stuck');
    expect(operator.services.asked[0]?.path).toBe('/v1/flows?stuck=true&limit=100');
  });

  it('stops after a thousand, and says so', async () => {
    listed(...Array.from({ length: 1_003 }, (_, index) => `p${index}`));
    await run('list');
    expect(operator.shown()).toContain('There are more than 1000: name a type or a status.\n');
    expect(process.exitCode).toBe(1);
  });
});

describe('flows watch', () => {
  const progress = { planned: 10, rejected: 1, failed: 0, startedAt: '2026-01-01T00:00:00.000Z' };
  const running = { ...progress, done: 3, left: 6, phase: 'running' };
  const ended = { ...progress, done: 9, left: 0, phase: 'ended' };

  it('shows how far a spread is, until its flow ends', async () => {
    const shown = [
      { status: 'running', progress: running },
      { status: 'completed', progress: ended },
    ];
    operator.services.answers.set('/v1/flows/card-payment/p', () => shown.shift() as object);
    await run('watch', 'cardPayment', 'p');
    expect(lines()).toEqual([
      '4/10 handled, 1 rejected, 0 failed, running',
      '10/10 handled, 1 rejected, 0 failed, ended',
      'cardPayment p is completed',
    ]);
  });

  it('shows it once, and why a flow has failed', async () => {
    const failure = { code: 'X.Y', detail: 'no' };
    operator.services.answers.set('/v1/flows/card-payment/p', () => ({ status: 'failed', failure }));
    await run('watch', 'cardPayment', 'p', '--once');
    expect(lines()).toEqual(['cardPayment p is failed: X.Y: no']);
  });

  it('estimates the rest by the time that has passed', () => {
    const now = Date.parse(progress.startedAt) + 20_000;
    expect(inWords({ ...running, phase: 'running' }, now)).toContain('running, some 30 s left');
  });
});

describe.each(['pause', 'resume', 'retry-failed', 'finish'])('flows %s', (verb) => {
  it('tells the flow', async () => {
    operator.services.answers.set(`/v1/flows/card-payment/p/${verb}`, accepted);
    await run(verb, 'cardPayment', 'p');
    expect(posted()).toEqual([`/v1/flows/card-payment/p/${verb}`]);
    expect(operator.shown()).toBe('cardPayment p was told\n');
  });
});

describe('flows restart', () => {
  it('restarts one', async () => {
    operator.services.answers.set('/v1/flows/card-payment/p%201/restart', accepted);
    await run('restart', 'cardPayment', 'p 1');
    expect(operator.shown()).toBe('cardPayment p 1 was restarted\n');
  });

  it('restarts one of another tenant', async () => {
    operator.services.answers.set('/v1/flows/card-payment/p/restart?tenant=acme', accepted);
    await run('restart', 'cardPayment', 'p', '--tenant', 'acme');
    expect(operator.shown()).toBe('cardPayment p of acme was restarted\n');
  });

  it('restarts all that are lost, with a line for each, and continues when one is refused', async () => {
    listed('a', 'b', 'c');
    operator.services.answers.set('/v1/flows/card-payment/b', () => {
      throw new Error('away');
    });
    operator.services.answers.set('/v1/flows/card-payment', accepted);
    await run('restart', '--all');
    expect(posted()).toContain('/v1/flows/card-payment/c/restart?tenant=acme');
    expect(posted()).toHaveLength(3);
    expect(lines().toSorted()).toEqual([
      '2 restarted, 1 not restarted',
      'cardPayment a of acme was restarted',
      expect.stringMatching(/^cardPayment b of acme was not restarted: ENGINE\.UNAVAILABLE: /),
      'cardPayment c of acme was restarted',
    ]);
    expect(process.exitCode).toBe(1);
  });

  it('says when there is no outcome yet', async () => {
    operator.services.answers.set('/v1/flows/card-payment', () => ({ status: 'pending' }));
    await run('restart', 'cardPayment', 'a');
    expect(operator.shown()).toContain('cardPayment a has not answered yet');
    expect(process.exitCode).toBe(1);
  });

  it('with --dry-run only shows which', async () => {
    listed('a', 'b', 'c');
    await run('restart', 'cardPayment', '--all', '--dry-run');
    expect(lines()).toEqual(['a', 'b', 'c'].map((id) => `cardPayment ${id} of acme would be restarted`));
    expect(operator.services.asked[0]?.path).toBe('/v1/flows?status=lost&type=cardPayment&limit=100');
    expect(posted()).toEqual([]);
  });

  it.each([[[]], [['cardPayment']], [['cardPayment', 'a', '--all']]])('of %j is refused', async (words) => {
    await expect(run('restart', ...words)).rejects.toThrow('Name a type and an id, or --all.');
    expect(operator.services.asked).toEqual([]);
  });

  it('of a type that is no flow is refused', async () => {
    await expect(run('restart', 'account', 'a')).rejects.toThrow('There is no type of flows named account.');
    expect(operator.services.asked).toEqual([]);
  });
});
