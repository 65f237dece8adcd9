import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EmbeddedStore } from '#libs/testing/embedded-store.js';
import { isEmbedded } from '#libs/testing/store-under-test.js';
import { depthOf, isLong } from '../support/depth.js';
import { printedSeed, seededRandom } from '../support/seeded-random.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { ResumingConsumer } from './resuming-consumer.js';
import { eventually, ids, recorded, revisions } from './store-kit.js';
import { Writer } from './writers.js';

const WRITERS = 64;
const KILLS = depthOf('STORE_KILLS');
const MINUTE = 60_000;
const VICTIMS = ['the server', 'its database', 'both'] as const;

const isForBoth = isLong || process.env['STORE_KILLS'] !== undefined;
// The suite kills only what it has started.
const onEmbedded =
  isEmbedded() && (isForBoth || clientName === '@eventstore/db-client') ? describe : describe.skip;

onEmbedded(`${WRITERS} writers while the server is killed, with ${clientName}`, () => {
  let server: EmbeddedStore;
  let store: StoreClient;
  beforeEach(async () => {
    server = await EmbeddedStore.start();
    store = await connect(server.url);
  }, 3 * MINUTE);
  afterEach(async () => {
    await store.close();
    await server.stop();
  }, 3 * MINUTE);

  async function kill(victim: (typeof VICTIMS)[number]): Promise<void> {
    if (victim !== 'the server') server.killDatabase();
    if (victim !== 'its database') await server.kill();
    await server.restart();
  }

  /**
   * The stream has what was acknowledged, each event once, at the acknowledged revision, and in
   * order.
   */
  async function expectIntact(writer: Writer): Promise<void> {
    const read = await store.readStream(writer.stream);
    expect(ids(read)).toEqual(writer.ids);
    expect(revisions(read)).toEqual(writer.ids.map((_, index) => index));
    const positions = recorded(read).map(({ position }) => position!.commit);
    expect(positions.every((commit, index) => index === 0 || commit > positions[index - 1]!)).toBe(true);
    for (const { events, answer } of writer.acknowledged) {
      const last = recorded(read)[Number(answer.nextExpectedRevision)]!;
      expect(last.id).toBe(events.at(-1)!.id);
      expect(last.position).toEqual(answer.position);
    }
  }

  async function expectRepeatsKnown(writer: Writer): Promise<void> {
    for (const one of writer.acknowledged.slice(-5)) expect(await writer.repeat(one)).toEqual(one.answer);
  }

  test(
    `lose and repeat nothing in ${KILLS} kills`,
    async () => {
      const seed = printedSeed();
      const random = seededRandom(seed);
      const size = seededRandom(seed + 1); // of batches; which writer draws next depends on timing
      let acknowledged = 0;
      const writers = Array.from(
        { length: WRITERS },
        () => new Writer(store, size, () => (acknowledged += 1)),
      );
      const consumer = new ResumingConsumer(store);
      const consuming = consumer.run();
      let broken: Error | undefined;
      const writing = Promise.all(writers.map((writer) => writer.run())).catch(
        (error: Error) => (broken = error),
      );
      const untilAcknowledged = async (more: number): Promise<void> => {
        const target = acknowledged + more;
        await eventually(
          `${more} more appends are acknowledged`,
          () => acknowledged >= target || broken !== undefined,
          2 * MINUTE,
        );
        if (broken) throw broken;
      };
      const told: string[] = [];
      for (let round = 0; round < KILLS; round++) {
        await untilAcknowledged(30 + Math.floor(random() * 300));
        const victim = VICTIMS[Math.floor(random() * VICTIMS.length)]!;
        told.push(victim);
        await kill(victim);
      }
      await untilAcknowledged(WRITERS);
      for (const writer of writers) writer.stop();
      await writing;
      for (const writer of writers) {
        await expectIntact(writer);
        await expectRepeatsKnown(writer);
        await expectIntact(writer);
      }
      const isConsumed = (writer: Writer): boolean =>
        (consumer.consumed.get(writer.stream)?.length ?? 0) >= writer.ids.length;
      await eventually('the consumer has it all', () => writers.every(isConsumed), MINUTE);
      await consumer.stop();
      await consuming;
      for (const { stream, ids: expected } of writers) {
        const consumed = consumer.consumed.get(stream)!;
        expect(consumed.map(({ id }) => id)).toEqual(expected);
        expect(consumed.map(({ revision }) => Number(revision))).toEqual(expected.map((_, index) => index));
      }
      console.log(`${acknowledged} appends acknowledged over ${told.length} kills (${told.join(', ')})`);
    },
    MINUTE * (5 + KILLS),
  );
});
