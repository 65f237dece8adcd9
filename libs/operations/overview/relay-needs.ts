import type { Need } from '#contracts/overview.js';
import type { RelayStanding } from '../relays/relay-standing.js';
import type { NeedScope } from './need-source.js';

/** An event is on its topic within a second. */
const BEHIND_SECONDS = 30;

/** Relays that do not publish, or are far behind. */
export function relayNeeds({ service }: NeedScope, relays: readonly RelayStanding[]): readonly Need[] {
  return relays.flatMap(({ category, state, failure, behindSeconds, heardAt }): Need[] => {
    const isRunning = state === 'running';
    const behind = behindSeconds ?? 0;
    if (isRunning && behind < BEHIND_SECONDS) return [];
    const detail = failure ?? (isRunning ? `${Math.round(behind)} s behind` : state);
    return [
      {
        kind: 'relay-standing',
        severity: 'now',
        title: isRunning ? `the relay of ${category} is behind` : `the relay of ${category} stands`,
        detail,
        ...(heardAt !== undefined && { since: heardAt }),
        service,
        link: '/operations/relays',
      },
    ];
  });
}
