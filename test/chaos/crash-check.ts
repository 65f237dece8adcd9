import { inMemory } from '#libs/testing/memory.stage.js';
import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { checkAcknowledged } from '../checkers/acknowledged.checker.js';
import type { CommandFact, EventFact, RecordFact, RowFact, StateFact, ViewLook } from '../checkers/facts.js';
import { checkLiveStates, checkRevisions } from '../checkers/fold.checker.js';
import { checkMoney } from '../checkers/money.checker.js';
import { checkOnce } from '../checkers/once.checker.js';
import { checkStock } from '../checkers/stock.checker.js';
import { checkTopic } from '../checkers/topic.checker.js';
import { checkRows, checkViewsOnlyAdvance } from '../checkers/view.checker.js';
import { type Case, envelopeFor, whereIn } from './crash-case.js';
import { foldsOf } from './crash-facts.js';
import { deciders } from './hosted.js';

/** Observations of all cases, once everything was quiet. */
export interface CrashFacts {
  readonly cases: readonly Case[];
  /** The first outcome of each, by stream, and what its receipt says in the end. */
  readonly outcomes: ReadonlyMap<string, Receipt>;
  readonly receipts: ReadonlyMap<string, Receipt | undefined>;
  readonly events: readonly EventFact[];
  readonly records: readonly RecordFact[];
  readonly alive: readonly StateFact[];
  readonly found: readonly RowFact[];
  readonly expected: readonly RowFact[];
  readonly looks: readonly ViewLook[];
}

/**
 * A sentence for each violation: the command, the fault and its boundary, the invariant, and the
 * observation.
 */
export async function violationsIn(facts: CrashFacts): Promise<string[]> {
  const { events, records, alive, found, expected, looks } = facts;
  const commands = facts.cases.map((one) => commandOf(one, facts));
  const each = {
    'I1 money': facts.cases.flatMap((one) => moneyOf(one, facts)),
    'I1 stock': checkStock(events.filter(isOf('inventory')), { entities: stockIn(alive) }),
    'I2 nothing acknowledged is lost': checkAcknowledged(events, commands, 'asked'),
    'I3 no effect twice': checkOnce(events, commands),
    'I4 no gap': checkRevisions(events),
    'I4 live state is the fold': checkLiveStates(alive, foldsOf(events)),
    'I5 each event once on the topic': checkTopic(events, records),
    'I6 rows are the fold': checkRows(found, expected),
    'I6 views only advance': checkViewsOnlyAdvance(looks),
    'as where nothing fails': await differences(facts),
  };
  return Object.entries(each).flatMap(([invariant, violations]) =>
    violations.map((violation) => `${whereIn(violation)}: ${invariant}: ${violation}`),
  );
}

function commandOf(one: Case, { outcomes, receipts }: CrashFacts): CommandFact {
  const { stream } = one;
  const status = outcomes.get(stream)?.status;
  const answer = status === 'accepted' || status === 'rejected' ? status : 'unknown';
  return {
    stream,
    commandId: envelopeFor(one).commandId,
    answer,
    receipt: receipts.get(stream)?.status,
    intent: stream,
  };
}

function moneyOf({ stream }: Case, { events, alive }: CrashFacts): string[] {
  if (!isOf('account')({ stream })) return [];
  const entities = alive
    .filter((fact) => fact.stream === stream)
    .map(({ state }) => ({ stream, ...(state as { currency: string; balance: number }) }));
  const own = events.filter((event) => event.stream === stream);
  return checkMoney(own, { entities }).map((violation) => `${stream}: ${violation}`);
}

function stockIn(alive: readonly StateFact[]) {
  return alive.filter(isOf('inventory')).map(({ stream, state }) => {
    const { onHand, reserved } = state as { onHand: number; reserved: number };
    return { stream, onHand, reserved };
  });
}

function isOf(category: string) {
  return ({ stream }: { readonly stream: string }): boolean => stream.startsWith(`${category}-`);
}

/** Outcome and events must be those of the same scenario without faults. */
async function differences({ cases, outcomes, events }: CrashFacts): Promise<string[]> {
  const all = cases.map(async ({ stream, scenario }) => {
    const { category, given, command } = scenario;
    const expected = await inMemory(deciders[category] as never).perform(given, command);
    const written = events.filter((event) => event.stream === stream).slice(given.length);
    const found = told(outcomes.get(stream), written);
    const wanted = told(expected.outcome, expected.events);
    return found === wanted ? [] : [`${stream} came to ${found}, elsewhere to ${wanted}`];
  });
  return (await Promise.all(all)).flat();
}

function told(outcome: Receipt | undefined, events: readonly Pick<EventFact, 'type' | 'data'>[]): string {
  const code = outcome && 'code' in outcome ? outcome.code : undefined;
  return JSON.stringify({
    status: outcome?.status,
    code,
    events: events.map(({ type, data }) => ({ type, data })),
  });
}
