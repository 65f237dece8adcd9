import { type EventFact, groupBy } from './facts.js';

/** What a saga sets aside, and how that may end. */
const setAside: Readonly<Record<string, string>> = { HoldPlaced: 'holdId', StockReserved: 'reservationId' };
const takenBy: ReadonlySet<string> = new Set(['HoldCaptured', 'ReservationConfirmed']);
const givenBackBy: ReadonlySet<string> = new Set([
  'HoldReleased',
  'ReservationReleased',
  'ReservationReturned',
]);

/**
 * I8: every saga ends completed or compensated. What a completed saga has set aside is taken; what
 * a compensated one has set aside is given back. Anything without a saga's id belongs to someone
 * else.
 */
export function checkSagas(events: readonly EventFact[]): string[] {
  const sagas = new Map<string, string>();
  for (const { stream, type, data } of events) {
    if (type === 'SagaStarted') sagas.set(String(data['id']), 'running');
    if (type === 'SagaCompleted') sagas.set(idIn(stream), 'completed');
    if (type === 'SagaCompensated') sagas.set(idIn(stream), 'compensated');
  }
  const violations = [...sagas].flatMap(([id, end]) =>
    end === 'running' ? [`the saga ${id} has not ended`] : [],
  );
  const ofSagas = events.filter(({ data }) => sagas.has(partyOf(data)));
  for (const [name, own] of groupBy(ofSagas, ({ stream, data }) => `${partyOf(data)} on ${stream}`)) {
    if (!own.some(({ type }) => setAside[type])) continue;
    const end = sagas.get(partyOf(own[0]?.data ?? {}));
    const last = own.at(-1)?.type ?? '';
    if (end === 'completed' && !takenBy.has(last))
      violations.push(`${name} is not taken by a completed saga`);
    if (end === 'compensated' && !givenBackBy.has(last)) {
      violations.push(`${name} is not given back by a compensated saga`);
    }
  }
  return violations;
}

function partyOf(data: EventFact['data']): string {
  const id = data['holdId'] ?? data['reservationId'];
  return typeof id === 'string' ? id : '';
}

function idIn(stream: string): string {
  return stream.slice(stream.indexOf('.') + 1);
}
