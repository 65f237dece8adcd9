import { z } from 'zod';
import type { Policy } from './access.js';
import { entityId, label, recordedAt } from './fields.js';
import { missing } from './missing.js';
import { personal } from './personal-data.js';

/** Who may see how the services are. Operators see all tenants, others only what is of theirs. */
export const OVERVIEW_READERS: Policy = ['role:operator', 'role:supervisor', 'role:support'];

/** What may need a person. */
const needKind = z.enum([
  'stuck-saga',
  'approval-due',
  'parked-entity',
  'drift',
  'relay-standing',
  'view-lag',
  'server-away',
  'worker-restarts',
  'lost-flow',
  'unclaimed-callback',
  'hot-entity',
]);

/** From the most urgent on. */
const SEVERITIES = ['now', 'soon', 'watch'] as const;

/** Something that needs a person. */
export const need = z.strictObject({
  kind: needKind,
  severity: z.enum(SEVERITIES),
  title: personal(z.string()).meta({ examples: ['checkout c1:checkout-1 is stuck at fulfil'] }),
  detail: personal(z.string()).optional(),
  since: recordedAt.optional(),
  service: label(100),
  subject: z.strictObject({ category: label(100), id: entityId, tenant: label(100).optional() }).optional(),
  link: personal(z.string()).meta({
    description: 'The page of the console where it is mended',
    examples: ['/entities/checkout/c1%3Acheckout-1'],
  }),
});

const perSecond = z.number().min(0);

/** How a service is. */
const serviceStanding = z.strictObject({
  name: label(100),
  version: label(100).optional().meta({ description: 'Absent while it does not answer' }),
  isReady: z.boolean(),
  startedAt: recordedAt.optional().meta({ description: 'Of the process that answered' }),
});

/** How all services are: what needs a person first. */
export const overview = z.strictObject({
  at: recordedAt,
  needs: z.array(need).meta({ description: 'By severity, then servers that are away, then by age' }),
  rates: z.strictObject({
    commandsPerSecond: perSecond.optional().meta({ description: 'Decided, over the last minute' }),
    eventsPerSecond: perSecond.optional().meta({ description: 'Published, over the last ten seconds' }),
  }),
  latencies: z.strictObject({
    commandMilliseconds: z
      .strictObject({ p50: z.number(), p95: z.number(), p99: z.number() })
      .optional()
      .meta({ description: 'Of commands that were waited for, since the processes started' }),
  }),
  services: z.array(serviceStanding),
  missing,
});

export type Need = z.output<typeof need>;
export type Overview = z.output<typeof overview>;

/**
 * What needs a person, each once: the most urgent first, and of these the servers that are away,
 * because much else only follows from them; then the oldest.
 */
export function inOrder(needs: readonly Need[]): Need[] {
  const unique = new Map(needs.map((one) => [`${one.kind} ${one.title}`, one]));
  const rankOf = ({ kind, severity, since = '~' }: Need) =>
    `${SEVERITIES.indexOf(severity)} ${kind === 'server-away' ? 0 : 1} ${since}`;
  return [...unique.values()].sort((one, other) => (rankOf(one) < rankOf(other) ? -1 : 1));
}
