import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Action, Effect } from '#libs/core/effect.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { checkSagas } from '../checkers/saga.checker.js';
import { checkoutWorld, sagaOf } from '../sagas/checkout.world.js';
import { openShop } from '../sagas/open-shop.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';
import { liveAndCheck, type Plants } from './mortal-line.js';

/** A single life may survive a bug. */
const LIVES = 10;

const seed = printedSeed();

/** A wrapped port: what is not overridden is the original's. */
function over<Port extends object>(port: Port, own: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const found: unknown = Reflect.get(own, name) ?? Reflect.get(target, name);
      return typeof found === 'function' ? (found.bind(target) as unknown) : found;
    },
  });
}

/** Appends at the end of the stream, wherever that is. */
function revisionAny(store: EventStore): EventStore {
  return over(store, {
    append: async (stream, _expected, events) => {
      let head = -1;
      for await (const { revision } of store.read(stream, { direction: 'backwards', limit: 1 }))
        head = revision;
      return store.append(stream, head, events);
    },
  });
}

/** Acknowledges an append before it is written. The last one is never written. */
function acknowledgeFirst(store: EventStore): EventStore {
  let owed = async (): Promise<unknown> => undefined;
  return over(store, {
    append: async (stream, expected, events) => {
      await owed().catch(() => undefined);
      owed = () => store.append(stream, expected, events);
      return expected + events.length;
    },
  });
}

/** Uses a random key for every record. */
function randomKey(kafka: Kafka): Kafka {
  return over(kafka, {
    openProducer: async (id) => {
      const producer = await kafka.openProducer(id);
      return over(producer, {
        commit: (writes) =>
          producer.commit(
            writes.map(({ topic, messages }) => ({
              topic,
              messages: messages.map((message) => ({ ...message, key: randomUUID() })),
            })),
          ),
      });
    },
  });
}

type Found = Awaited<ReturnType<typeof liveAndCheck>>;

const bugs: readonly (readonly [string, keyof Found, Plants])[] = [
  [
    'the dedupe is dropped at continue-as-new',
    'once',
    { cross: (carried) => ({ ...carried, ring: { entries: [] } }) },
  ],
  ['it appends at any revision', 'once', { store: revisionAny }],
  ['it acknowledges before the append', 'acknowledged', { store: acknowledgeFirst }],
  [
    'continue-as-new does not take the inbox along',
    'acknowledged',
    { cross: (carried) => ({ ...carried, inbox: [] }) },
  ],
  ['records have random keys', 'topic', { kafka: randomKey }],
  [
    'a client retries under a new id',
    'once',
    { repeat: (envelope, time) => ({ ...envelope, commandId: `${envelope.commandId} ${time}` }) },
  ],
];

describe('an account that dies anywhere, its clients and its relay', () => {
  it('violate nothing', async () => {
    const nothing = { money: [], acknowledged: [], once: [], revisions: [], alive: [], topic: [] };
    for (let life = 0; life < LIVES; life += 1) {
      expect(await liveAndCheck(seededRandom(seed + life), {})).toEqual(nothing);
    }
  });

  it.each(bugs)('are caught when %s: by the checker "%s"', async (_, checker, plants) => {
    const found: string[] = [];
    for (let life = 0; life < LIVES && found.length === 0; life += 1) {
      found.push(...(await liveAndCheck(seededRandom(seed + life), plants))[checker]);
    }
    expect(found).not.toEqual([]);
  });
});

describe('a checkout that is refused after money and stock were set aside', () => {
  const undone = async (skipped?: string) => {
    let refusals = 0;
    const { world } = checkoutWorld(
      seededRandom(seed),
      (key) => (key === 'fulfil' && (refusals += 1) === 1 ? 'refused' : undefined),
      (effect) => (skipped === undefined ? effect : skip(effect, skipped)),
    );
    await openShop(world);
    await world.settle();
    expect(sagaOf(world, 'cart:checkout-1').status).toBe('compensated');
    return checkSagas(world.events.map(({ metadata, ...event }) => ({ ...event, ...metadata })));
  };

  it('violates nothing', async () => expect(await undone()).toEqual([]));

  it('is caught when a compensation is skipped: by the checker of sagas', async () =>
    expect(await undone('ReleaseHold')).not.toEqual([]));
});

/** The effect, or a substitute that only reports that it is done. */
function skip(effect: Effect, type: string): Effect {
  const { action } = effect;
  const nothing: Action = { kind: 'call', call: 'nothing', data: {} };
  return action.kind === 'send' && action.command.type === type ? { ...effect, action: nothing } : effect;
}
