import type { Need } from '#contracts/overview.js';
import type { Readiness } from '#libs/api/http/health.controller.js';
import type { NeedScope } from './need-source.js';

const SERVERS = new Set(['temporal', 'event-store', 'kafka', 'postgres']);

/** What a service waits for. The same server may be named by several services. */
export function serverNeeds({ service }: NeedScope, { components }: Readiness): readonly Need[] {
  return Object.entries(components).flatMap(([name, { status, isNeeded }]): Need[] => {
    // Its service says so in the log and in its readiness, and it is meant to be so.
    if (status === 'up' || name === 'access-control') return [];
    return [
      {
        kind: 'server-away',
        severity: isNeeded === false ? 'soon' : 'now',
        title: SERVERS.has(name) ? `${name} does not answer` : `${name} of the ${service} service is down`,
        detail: `as the ${service} service sees it`,
        service,
        link: '/operations/workers',
      },
    ];
  });
}
