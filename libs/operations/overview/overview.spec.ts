import { describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { inOrder, type Need } from '#contracts/overview.js';
import type { HealthCheck } from '#libs/api/http/health.controller.js';
import type { ListedProcess } from '../workers/workers.schemas.js';
import { Overview, type OverviewDependencies } from './overview.js';
import { mergedOverview } from './merged-overview.js';

const NOW = new Date().toISOString();
const olivia = { tenant: 'default', id: 'olivia', kind: 'user', roles: ['operator'] } as const;
const sue = { ...olivia, id: 'sue', roles: ['supervisor'] };
const well: HealthCheck = { name: 'kafka', check: async () => ({ ok: true }) };

const processOf = (more: Partial<ListedProcess>): ListedProcess => ({
  ...{ process: 'thing', id: 'thing@here', service: 'thing', state: 'running', startedAt: NOW, heardAt: NOW },
  ...{ restarts: 0, roles: [], memoryBytes: 1, workers: [] },
  ...more,
});

function overviewOf(given: {
  readonly processes?: readonly ListedProcess[];
  readonly relays?: readonly object[];
  readonly views?: readonly object[];
  readonly parked?: readonly object[];
  readonly checks?: readonly HealthCheck[];
  readonly needs?: OverviewDependencies['needs'];
}) {
  return new Overview({
    service: 'thing',
    version: '1',
    pool: { query: async () => ({ rows: given.parked ?? [] }) } as unknown as Pool,
    views: [],
    viewOperations: { list: async () => (given.views ?? []) as never },
    relays: { list: async () => (given.relays ?? []) as never },
    registry: { list: async () => given.processes ?? [] },
    checks: { all: () => given.checks ?? [well] },
    needs: given.needs ?? {},
    logger: pino({ level: 'silent' }),
  });
}

/** What needs somebody, as `kind severity`. */
async function needsOf(given: Parameters<typeof overviewOf>[0], by: typeof olivia | typeof sue = olivia) {
  const { needs, missing } = await overviewOf(given).find(by);
  expect(missing).toEqual([]);
  return needs.map(({ kind, severity }) => `${kind} ${severity}`);
}

describe('the overview of a service that is well', () => {
  it('needs nobody, and tells rates, latencies and the service', async () => {
    const commandTimes = { count: 1, p50: 10, p95: 20, p99: 30 };
    const processes = [
      processOf({ decidedPerSecond: 2.5, commandTimes }),
      processOf({ decidedPerSecond: 1, commandTimes: { ...commandTimes, p95: 50 } }),
      processOf({ state: 'ended', decidedPerSecond: 100 }),
      processOf({ service: 'other', decidedPerSecond: 100 }),
    ];
    const relays = [{ category: 'thing', state: 'running', eventsPerSecond: 4, behindSeconds: null }];
    expect(await overviewOf({ processes, relays }).find(olivia)).toEqual({
      at: expect.any(String),
      needs: [],
      rates: { commandsPerSecond: 3.5, eventsPerSecond: 4 },
      latencies: { commandMilliseconds: { p50: 10, p95: 50, p99: 30 } },
      services: [{ name: 'thing', version: '1', isReady: true, startedAt: expect.any(String) }],
      missing: [],
    });
  });
});

describe('the overview names', () => {
  const lastFailure = { at: NOW, reason: 'killed' };

  it('processes that are silent or were restarted, and workers that have failed', async () => {
    const worker = {
      worker: 'thing',
      slots: { activities: { used: 0, total: 1 } },
      restarts: 3,
      lastFailure,
    };
    expect(await needsOf({ processes: [processOf({ state: 'silent' })] })).toEqual(['server-away now']);
    expect(await needsOf({ processes: [processOf({ restarts: 1, lastFailure })] })).toEqual([
      'worker-restarts soon',
    ]);
    expect(await needsOf({ processes: [processOf({ workers: [{ ...worker, state: 'failed' }] })] })).toEqual([
      'worker-restarts now',
    ]);
    const old = { ...lastFailure, at: '2020-01-01T00:00:00.000Z' };
    expect(await needsOf({ processes: [processOf({ restarts: 1, lastFailure: old })] })).toEqual([]);
  });

  it('no failures that an operator has seen, but a worker that is still down', async () => {
    const acknowledgedAt = new Date(Date.parse(NOW) + 1).toISOString();
    const of = (more: Partial<ListedProcess>) =>
      needsOf({ processes: [processOf({ acknowledgedAt, ...more })] });
    const later = { ...lastFailure, at: new Date(Date.parse(NOW) + 2).toISOString() };
    const worker = { worker: 'thing', slots: { activities: { used: 0, total: 1 } }, restarts: 3 };
    expect(await of({ restarts: 1, lastFailure })).toEqual([]);
    expect(await of({ state: 'silent' })).toEqual([]);
    expect(await of({ restarts: 2, lastFailure: later })).toEqual(['worker-restarts soon']);
    expect(await of({ workers: [{ ...worker, lastFailure, state: 'failed' }] })).toEqual([
      'worker-restarts now',
    ]);
  });

  it('no drift of an entity that the doctor has proven since, but that of its topic', async () => {
    const stream = 'thing-default.a';
    const drift = { at: NOW, kind: 'row', stream, healed: false } as const;
    const proven = [{ stream, at: NOW }];
    const others = [processOf({ id: 'other', proven })];
    expect(await needsOf({ processes: [processOf({ drift: [drift] }), ...others] })).toEqual([]);
    const topic = { ...drift, kind: 'topic' } as const;
    expect(await needsOf({ processes: [processOf({ drift: [topic] }), ...others] })).toEqual(['drift now']);
    const again = { ...drift, at: new Date(Date.parse(NOW) + 1).toISOString() };
    expect(await needsOf({ processes: [processOf({ drift: [again] }), ...others] })).toEqual(['drift now']);
  });

  it('drift, urgently if it was not healed, and hot entities, urgently if they are refused', async () => {
    const drift = {
      at: NOW,
      kind: 'row',
      stream: 'thing-default.a',
      where: 'things_v1',
      healed: true,
    } as const;
    const hot = { stream: 'thing-default.a', at: NOW, isRefused: true };
    const of = (more: Partial<ListedProcess>) => needsOf({ processes: [processOf(more)] });
    expect(await of({ drift: [drift] })).toEqual(['drift watch']);
    expect(await of({ drift: [{ ...drift, healed: false }] })).toEqual(['drift now']);
    expect(await of({ hotEntities: [hot] })).toEqual(['hot-entity now']);
    expect(await of({ hotEntities: [{ ...hot, isRefused: false }] })).toEqual(['hot-entity watch']);
  });

  it('relays that stand or are behind, and views that do', async () => {
    const relay = (more: object) => needsOf({ relays: [{ category: 'thing', ...more }] });
    expect(await relay({ state: 'waiting', failure: 'no broker' })).toEqual(['relay-standing now']);
    expect(await relay({ state: 'running', behindSeconds: 60 })).toEqual(['relay-standing now']);
    expect(await relay({ state: 'running', behindSeconds: 1 })).toEqual([]);
    const whole = ['a', 'b'].map((category) => ({ category, state: 'waiting' }));
    expect(await needsOf({ relays: whole })).toEqual(['relay-standing now']);
    const view = (more: object) => needsOf({ views: [{ view: 'thing.things.v1', ...more }] });
    expect(await view({ state: 'stalled', lag: 1 })).toEqual(['view-lag now']);
    expect(await view({ state: 'behind', lag: 5_000 })).toEqual(['view-lag watch']);
    expect(await view({ state: 'behind', lag: 5 })).toEqual([]);
  });

  it('servers that are away', async () => {
    const away: HealthCheck = { name: 'kafka', check: async () => ({ ok: false }) };
    const { needs, services } = await overviewOf({ checks: [away] }).find(olivia);
    expect(needs).toMatchObject([{ kind: 'server-away', severity: 'now', title: 'kafka does not answer' }]);
    expect(services).toMatchObject([{ isReady: false }]);
    expect(await needsOf({ checks: [{ ...away, isNeeded: false }] })).toEqual(['server-away soon']);
  });

  it('entities that are parked, to operators those of all tenants', async () => {
    const parked = ['default', 'acme'].map((tenant) => {
      return { view: 'v', stream: `thing-${tenant}.a`, revision: '3', reason: 'x', parked_at: new Date() };
    });
    const linksOf = async (by: typeof olivia | typeof sue) =>
      (await overviewOf({ parked }).find(by)).needs.map(({ subject }) => subject?.tenant ?? 'own');
    expect(await linksOf(olivia)).toEqual(['own', 'acme']);
    expect(await linksOf(sue)).toEqual(['own']);
  });

  it('what it cannot tell, and tells the rest', async () => {
    const stuck: Need = { kind: 'stuck-saga', severity: 'now', title: 'a', service: 'thing', link: '/' };
    const answer = await overviewOf({
      needs: {
        sagas: async () => [stuck],
        flows: () => Promise.reject(new Error('away')),
      },
    }).find(olivia);
    expect(answer.needs).toEqual([stuck]);
    expect(answer.missing).toEqual([{ source: 'flows', reason: 'does not answer' }]);
  });
});

const need = (title: string, severity: Need['severity'], since?: string): Need => ({
  ...{ kind: 'stuck-saga', title, severity, service: 'thing', link: '/' },
  ...(since !== undefined && { since }),
});

it('what is urgent comes first, then what waits for longest, each once', () => {
  const needs = [
    need('d', 'watch', '2026-01-01T00:00:00.000Z'),
    need('c', 'now'),
    need('b', 'now', '2026-01-02T00:00:00.000Z'),
    need('a', 'now', '2026-01-01T00:00:00.000Z'),
    need('a', 'now', '2026-01-01T00:00:00.000Z'),
  ];
  expect(inOrder(needs).map(({ title }) => title)).toEqual(['a', 'b', 'c', 'd']);
});

it('of what is as urgent, servers that are away come first: the rest may follow from them', () => {
  const away = { ...need('z', 'now'), kind: 'server-away' } as const;
  const old = need('a', 'now', '2026-01-01T00:00:00.000Z');
  const soon = { ...away, title: 'y', severity: 'soon' } as const;
  expect(inOrder([soon, old, away]).map(({ title }) => title)).toEqual(['z', 'a', 'y']);
});

it('each need leads to the thing itself', async () => {
  const stream = 'thing-default.a';
  const parked = [{ view: 'v', stream, revision: '3', reason: 'x', parked_at: new Date() }];
  const drift = [{ at: NOW, kind: 'row', stream, healed: false }] as const;
  const { needs } = await overviewOf({
    parked,
    processes: [processOf({ drift: [...drift] }), processOf({ process: 'gone', state: 'silent' })],
    relays: [{ category: 'thing', state: 'waiting' }],
    views: [{ view: 'v', state: 'stalled', lag: 1 }],
  }).find(olivia);
  expect(needs.map(({ link }) => link).sort()).toEqual([
    '/operations/doctor?service=thing&stream=thing-default.a',
    '/operations/relays?service=thing',
    '/operations/views?view=v',
    '/operations/views?view=v&stream=thing-default.a',
    '/operations/workers?process=gone',
  ]);
});

it('the overview of all services adds those that are away', () => {
  const one = {
    ...{ at: NOW, needs: [need('a', 'soon')], rates: { eventsPerSecond: 1.25 }, latencies: {}, missing: [] },
    services: [{ name: 'thing', version: '1', isReady: true, startedAt: NOW }],
  };
  const times = { p50: 1, p95: 2, p99: 3 };
  const other = { ...one, needs: [], latencies: { commandMilliseconds: times } };
  expect(mergedOverview([one, other], ['desk'], [])).toMatchObject({
    needs: [{ kind: 'server-away', severity: 'now', service: 'desk' }, { title: 'a' }],
    rates: { eventsPerSecond: 2.5 },
    latencies: { commandMilliseconds: times },
    services: [{}, {}, { name: 'desk', isReady: false }],
  });
});
