import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import type { AnyDecider } from '#libs/core/decider.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { createLogger } from '#libs/runtime/logger.js';
import { historyOf } from '#libs/testing/history.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { OneAtATime } from '#libs/runtime/one-at-a-time.js';
import { seededRandom } from '../../test/support/seeded-random.js';
import type { KafkaRecord, OutgoingMessage } from '#libs/kafka/kafka.js';
import { StateFolds } from './state-folds.js';
import { StateRefill } from './state-refill.js';
import { fromStateRecord, type StatedEntity, stateEndOf } from './state-record.codec.js';
import { highest, isAfter } from './topic-ends.js';

process.env['LOG_LEVEL'] = 'silent';
// The refill pauses for as long as it works, which adds up on a busy machine.
jest.setTimeout(60_000);

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const tally = (stateVersion: number): AnyDecider => ({
  name: 'tally',
  stateVersion,
  initialState: { sum: 0 },
  decide: () => [],
  evolve: ({ sum }: { sum: number }, { data }: { data: { amount: number } }) => ({ sum: sum + data.amount }),
});

/**
 * A store, and the records that a relay has written to two topics. The partition is the last letter
 * of a key.
 */
class World {
  readonly store = new MemoryEventStore();
  readonly states: OutgoingMessage[] = [];
  readonly log: RecordedEvent[] = [];
  private relayed = 0;

  constructor(private readonly random: () => number) {}

  async append(stream: string, count: number): Promise<void> {
    const held = this.store.eventsOf(stream).length;
    const told = Array.from({ length: held + count }, () => ({ type: 'Added', data: { amount: 1 } }));
    await this.store.append(stream, held - 1, historyOf(stream, told).slice(held));
    this.log.push(...this.store.eventsOf(stream).slice(held));
  }

  ends(stateVersion: number) {
    const tails = new Map<string, OutgoingMessage>();
    for (const state of this.states) tails.set(state.key.slice(-1), state);
    const said = [...tails.values()].map((state) => stateEndOf(asRecord(state), stateVersion));
    const last = this.log[this.relayed - 1];
    return {
      events: last && BigInt(last.position),
      states: highest(said.map((end) => end?.filled)),
      lastState: highest(said.map((end) => end?.relayed)),
    };
  }

  /** Relays and refills until the condition holds, and then crashes wherever it is. */
  async relayUntil(stateVersion: number, isOver: (refill: StateRefill) => boolean): Promise<void> {
    const crash = new AbortController();
    const turns = new OneAtATime();
    const ends = this.ends(stateVersion);
    const entity = { decider: tally(stateVersion), present: (state: object) => state };
    const refill = new StateRefill({
      category: 'tally',
      store: this.store,
      folds: new StateFolds(entity, this.store, createLogger('test')),
      ends,
      write: async (states) => {
        await turn();
        if (!crash.signal.aborted) this.states.push(...states);
      },
      turns,
      signal: crash.signal,
    });
    const running = refill.run().catch(() => undefined);
    while (!isOver(refill)) {
      await this.relayNext(refill, turns, ends.lastState);
      await turn();
    }
    crash.abort();
    await running;
  }

  private async relayNext(
    refill: StateRefill,
    turns: OneAtATime,
    lastState: bigint | undefined,
  ): Promise<void> {
    if (this.random() < 0.3) await this.append(`tally-default.${Math.floor(this.random() * 40)}`, 1);
    const batch = this.log.slice(this.relayed, this.relayed + 1 + Math.floor(this.random() * 5));
    const last = batch.at(-1);
    if (!last) return;
    const position = BigInt(last.position);
    await turns.run(async () => {
      const folded = batch.filter((event) => isAfter(BigInt(event.position), lastState));
      this.states.push(...(await refill.statesAfter(folded, position)));
      this.relayed += batch.length;
      refill.relayed = position;
    });
  }

  /** The event topic is lost. */
  loseEvents(): void {
    this.relayed = 0;
  }

  get isRelayed(): boolean {
    return this.relayed === this.log.length;
  }

  seen(): StatedEntity[] {
    return this.states.map((state) => fromStateRecord(asRecord(state)));
  }
}

function asRecord(message: OutgoingMessage): KafkaRecord {
  return message as unknown as KafkaRecord;
}

function expectWhole(world: World, stateVersion: number): void {
  const latest = new Map<string, StatedEntity>();
  for (const state of world.seen()) {
    const before = latest.get(state.stream);
    // For each entity, an older state never follows a newer one.
    expect(state.revision).toBeGreaterThanOrEqual(before?.revision ?? -1);
    latest.set(state.stream, state);
  }
  const lengths = new Map<string, number>();
  for (const { stream } of world.log) lengths.set(stream, (lengths.get(stream) ?? 0) + 1);
  for (const [stream, length] of lengths) {
    const shown = { sum: length, revision: length - 1 };
    expect(latest.get(stream)).toMatchObject({ stateVersion, revision: length - 1, shown });
  }
  expect(latest.size).toBe(lengths.size);
}

const isWhole = (world: World) => (refill: StateRefill) => world.isRelayed && refill.progress() === undefined;

describe('a refill next to the relay', () => {
  test('leaves every entity in its newest state, through any number of crashes', async () => {
    for (let round = 0; round < 10; round++) {
      const random = seededRandom(seed + round);
      const world = new World(random);
      for (let n = 0; n < 150; n++) {
        await world.append(`tally-default.${Math.floor(random() * 90)}`, 1 + Math.floor(random() * 3));
      }
      await world.relayUntil(1, isWhole(world));
      expectWhole(world, 1);
      for (let crash = 0; crash < 6; crash++) {
        const steps = Math.floor(random() * 60);
        let left = steps;
        if (random() < 0.2) world.loseEvents();
        await world.relayUntil(2, () => left-- <= 0);
      }
      await world.relayUntil(2, isWhole(world));
      expectWhole(world, 2);
    }
  });

  test('resumes after a crash, and writes each state once', async () => {
    const world = new World(() => 1);
    for (let n = 0; n < 120; n++) await world.append(`tally-default.${n}`, 2);
    await world.relayUntil(1, isWhole(world));
    const before = world.states.length;
    await world.relayUntil(2, () => world.states.length > before);
    expect(world.states.length - before).toBeLessThan(120);
    await world.relayUntil(2, isWhole(world));
    expect(world.states.length - before).toBe(120);
    expectWhole(world, 2);
  });

  test('takes over entities whose fold would hold up the others', async () => {
    const world = new World(() => 1);
    for (let n = 0; n < 6; n++) await world.append('tally-default.long', 1_000);
    await world.append('tally-default.short', 2);
    await world.relayUntil(1, isWhole(world));
    await world.append('tally-default.long', 1);
    await world.append('tally-default.short', 1);
    const held: (string | undefined)[] = [];
    await world.relayUntil(1, (refill) => {
      held.push(refill.progress()?.position);
      return isWhole(world)(refill);
    });
    // It was missing for a while, and the topic said since when.
    expect(held).toContain(world.log.at(-3)?.position);
    expect(world.seen().slice(-2)).toMatchObject([
      { stream: 'tally-default.short', revision: 2 },
      { stream: 'tally-default.long', revision: 6_000 },
    ]);
    expectWhole(world, 1);
  });
});
