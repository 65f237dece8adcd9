import type { Need } from '#contracts/overview.js';
import type { RelayStanding } from '../relays/relay-standing.js';
import { type NeedScope, pageLink } from './need-source.js';

/** An event is on its topic within a second. */
const BEHIND_SECONDS = 30;

const WORDS = { running: 'behind', waiting: 'no process runs it', missing: 'it was never started' } as const;

/** A relay that does not publish, as a whole or some categories, or is far behind. */
export function relayNeeds({ service }: NeedScope, relays: readonly RelayStanding[]): readonly Need[] {
  const standing = relays.filter(({ state }) => state !== 'running');
  const behind = relays.filter(
    ({ state, behindSeconds }) => state === 'running' && (behindSeconds ?? 0) >= BEHIND_SECONDS,
  );
  const needOf = (title: string, { state, failure, behindSeconds, heardAt }: RelayStanding): Need => ({
    kind: 'relay-standing',
    severity: 'now',
    title,
    detail: failure ?? (state === 'running' ? `${Math.round(behindSeconds ?? 0)} s behind` : WORDS[state]),
    ...(heardAt !== undefined && { since: heardAt }),
    service,
    link: pageLink('/operations/relays', { service }),
  });
  const [first] = standing;
  const isWhole = first !== undefined && standing.length === relays.length && relays.length > 1;
  return [
    ...(isWhole
      ? [needOf(`the relay of the ${service} service stands`, first)]
      : standing.map((one) => needOf(`the relay of ${one.category} stands`, one))),
    ...behind.map((one) => needOf(`the relay of ${one.category} is behind`, one)),
  ];
}
