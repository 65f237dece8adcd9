import { pino } from 'pino';
import { eventsTopic } from '#contracts/entity-contract.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { emptyFold, foldOnwards } from '#libs/entity/activities/fold-stream.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { runRelay } from '#libs/relay/relay.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { MemoryKafka } from '#libs/testing/memory-kafka.js';
import { type Carried, MortalEntity } from '#libs/testing/mortal-entity.js';
import { accountDecider } from '../../apps/account/src/domain/account.decider.js';
import { presentAccount } from '../../apps/account/src/domain/account.view.js';
import { checkAcknowledged } from '../checkers/acknowledged.checker.js';
import type { CommandFact, EventFact, RecordFact } from '../checkers/facts.js';
import { checkLiveStates, checkRevisions } from '../checkers/fold.checker.js';
import { checkMoney } from '../checkers/money.checker.js';
import { checkOnce } from '../checkers/once.checker.js';
import { checkTopic } from '../checkers/topic.checker.js';
import { eventually } from '../support/account-rest.js';

const STREAM = 'account-default.mortal';
const STEPS = 120;

/** Where a bug may be planted: at ports, and in data that crosses from run to run. */
export interface Plants {
  readonly store?: (store: EventStore) => EventStore;
  readonly kafka?: (kafka: Kafka) => Kafka;
  readonly cross?: (carried: Carried) => Carried;
  /** The envelope with which a client repeats a command that was not answered. */
  readonly repeat?: (envelope: CommandEnvelope, time: number) => CommandEnvelope;
}

/**
 * Commands in one process: clients that repeat what was not answered, an account that dies in all
 * places, and a relay that is restarted in the middle. Returns what each checker finds in the end.
 */
export async function liveAndCheck(random: () => number, plants: Plants) {
  const memory = new MemoryEventStore();
  const { store = (same) => same, repeat = (same) => same } = plants;
  const entity = new MortalEntity(accountDecider, STREAM, store(memory));
  const sent: { envelope: CommandEnvelope; intent: string }[] = [];
  const send = (envelope: CommandEnvelope, intent: string): void => {
    entity.send(envelope);
    sent.push({ envelope, intent });
  };
  send(envelopeOf({ type: 'Open', data: { owner: 'Alice', currency: 'USD' } }, 'open'), 'open');
  await entity.decide();
  for (let step = 0; step < STEPS; step += 1) {
    const chance = random();
    const known = sent[Math.floor(random() * sent.length)];
    if (chance < 0.35)
      send(envelopeOf({ type: 'Deposit', data: { amount: 7 } }, `pay ${step}`), `pay ${step}`);
    else if (chance < 0.5 && known) send(repeat(known.envelope, step), known.intent);
    else if (chance < 0.75) await entity.decide();
    else if (chance < 0.9) await entity.dieHavingWritten();
    else entity.continueAsNew(plants.cross);
  }
  do await entity.decide();
  while (entity.mailbox.size > 0);
  const events = memory
    .eventsOf(STREAM)
    .map(({ metadata, ...event }): EventFact => ({ ...event, ...metadata }));
  // An accepted deposit cannot be rejected, so a 202 counts as accepted.
  const commands = sent.map(({ envelope: { commandId }, intent }): CommandFact => {
    return { stream: STREAM, commandId, intent, answer: 'accepted' };
  });
  const fold = await foldOnwards(accountDecider, memory, STREAM, emptyFold(accountDecider));
  const { balance } = entity.fold.state as { balance: number };
  const records = await relayed(memory, plants.kafka ?? ((same) => same), events.length, random);
  return {
    money: checkMoney(events, { entities: [{ stream: STREAM, currency: 'USD', balance }] }),
    acknowledged: checkAcknowledged(events, commands),
    once: checkOnce(events, commands),
    revisions: checkRevisions(events),
    alive: checkLiveStates([{ stream: STREAM, ...entity.fold }], [{ stream: STREAM, ...fold }]),
    topic: checkTopic(events, records),
  };
}

/** The content of the topic after two relays, the first of which ended somewhere. */
async function relayed(
  store: EventStore,
  plant: (kafka: Kafka) => Kafka,
  count: number,
  random: () => number,
) {
  const kafka = new MemoryKafka();
  const topic = eventsTopic('account');
  const logger = pino({ level: 'silent' });
  for (const enough of [Math.ceil(random() * count), count]) {
    const stopping = new AbortController();
    const entities = { account: { decider: accountDecider, present: presentAccount } };
    const parts = { service: 'account', entities, kafka: plant(kafka), store, logger };
    const options = { ...parts, signal: stopping.signal };
    const running = runRelay(options);
    const relayed = async () => kafka.recordsOf(topic).length;
    await eventually(relayed, (length) => length >= enough, 10_000, 5);
    stopping.abort();
    await running;
  }
  return kafka.recordsOf(topic).map(({ key = '', partition, offset, headers }): RecordFact => {
    return { key, partition, offset, id: String(headers['ce_id']), revision: Number(headers['ce_sequence']) };
  });
}
