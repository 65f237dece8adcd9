import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { EntityGateway, Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { type Fold, STATE_QUERY } from '#libs/entity/protocol/entity-messages.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { eachOf } from '#libs/runtime/each-of.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { RecordFact, StateFact, ViewLook } from '../checkers/facts.js';
import { readTopic } from '../integration/read-path-kit.js';
import { eventsIn } from './account-facts.js';
import { answered } from './answered.js';
import { type Case, envelopeFor } from './crash-case.js';
import type { CrashFacts } from './crash-check.js';
import { expectedRows, foundRows, streamFacts, viewLooks } from './crash-facts.js';
import { deciders } from './hosted.js';

/** The servers that observers read from. */
export interface Engines {
  readonly store: EventStore;
  readonly kafka: Kafka;
  readonly pool: Pool;
  readonly temporal: Client;
  readonly gateway: EntityGateway;
}

const AT_ONCE = 20;
const BETWEEN_LOOKS_MILLISECONDS = 1_000;
const PATIENCE_MILLISECONDS = 60_000;

/** Observes all views of all entities repeatedly. */
export async function watchViews(pool: Pool, signal: AbortSignal): Promise<ViewLook[]> {
  const looks: ViewLook[] = [];
  while (!signal.aborted) {
    // The tables do not exist before the first projector has created them.
    looks.push(...(await viewLooks(pool).catch(() => [])));
    await pause(BETWEEN_LOOKS_MILLISECONDS);
  }
  return looks;
}

/** What entities, receipts, `$all`, a new consumer group and SQL say about these cases. */
export async function lookAtAll(
  engines: Engines,
  cases: readonly Case[],
): Promise<Omit<CrashFacts, 'outcomes' | 'looks'>> {
  const alive: StateFact[] = [];
  const receipts = new Map<string, Receipt | undefined>();
  await eachOf(cases, AT_ONCE, async (one) => {
    alive.push(await aliveOf(engines.temporal, one.stream));
    receipts.set(one.stream, await receiptOf(engines.gateway, one));
  });
  const records: RecordFact[] = [];
  for (const category of Object.keys(deciders)) {
    records.push(...(await readTopic(engines.kafka, eventsTopic(category))));
  }
  return {
    cases,
    alive,
    receipts,
    records,
    events: await eventsIn(process.env['EVENTSTORE_URL'] ?? '', isOfAnEntity),
    expected: expectedRows(await streamFacts(engines.store, cases)),
    found: await foundRows(engines.pool),
  };
}

/** Asks the entity itself. What its stream folds to is checked elsewhere. */
async function aliveOf(temporal: Client, stream: string): Promise<StateFact> {
  const ask = () => temporal.workflow.getHandle(stream).query<Fold>(STATE_QUERY);
  const fold = await answered(ask, PATIENCE_MILLISECONDS);
  return { stream, revision: fold.revision, state: fold.state };
}

function receiptOf(gateway: EntityGateway, one: Case): Promise<Receipt | undefined> {
  const ask = () => gateway.receipt(one.stream, envelopeFor(one).commandId);
  return answered(ask, PATIENCE_MILLISECONDS);
}

function isOfAnEntity(stream: string): boolean {
  return Object.keys(deciders).some((category) => stream.startsWith(`${category}-default.`));
}
