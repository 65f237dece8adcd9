import { inOrder, type Need, type Overview } from '#contracts/overview.js';

type Latencies = NonNullable<Overview['latencies']['commandMilliseconds']>;

/** The overviews of several services as one. A service that is away needs a person. */
export function mergedOverview(
  overviews: readonly Overview[],
  away: readonly string[],
  missing: Overview['missing'],
): Overview {
  const needs = away.map((service): Need => ({
    kind: 'server-away',
    severity: 'now',
    title: `the ${service} service does not answer`,
    service,
    link: '/operations/workers',
  }));
  return {
    at: new Date().toISOString(),
    needs: inOrder([...needs, ...overviews.flatMap((one) => one.needs)]),
    rates: {
      ...total('commandsPerSecond', overviews),
      ...total('eventsPerSecond', overviews),
    },
    latencies: latenciesOf(overviews),
    services: [
      ...overviews.flatMap(({ services }) => services),
      ...away.map((name) => ({ name, isReady: false })),
    ],
    missing,
  };
}

function total(rate: keyof Overview['rates'], overviews: readonly Overview[]) {
  const known = overviews.flatMap(({ rates }) => rates[rate] ?? []);
  const sum = known.reduce((all, one) => all + one, 0);
  return known.length > 0 ? { [rate]: Math.round(sum * 100) / 100 } : {};
}

/** The slowest counts. */
function latenciesOf(overviews: readonly Overview[]): Overview['latencies'] {
  const known = overviews.flatMap(({ latencies }) => latencies.commandMilliseconds ?? []);
  if (known.length === 0) return {};
  const most = (of: keyof Latencies) => Math.max(...known.map((one) => one[of]));
  return { commandMilliseconds: { p50: most('p50'), p95: most('p95'), p99: most('p99') } };
}
