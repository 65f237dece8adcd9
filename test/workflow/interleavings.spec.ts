import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { AppendFault } from '#libs/testing/memory-event-store.js';
import { deposited, opened } from '../../apps/account/src/domain/account.fixture.js';
import { AccountDriver, until } from './account-driver.js';
import { accountServer } from './account-server.js';

type Fault = AppendFault | 'dies-before' | 'dies-after';

/** Where the next activities die. Faults of the store are separate. */
const deaths: Fault[] = [];

const server = accountServer({
  wrap: (activities) => ({
    ...activities,
    decideAndAppend: async (request) => {
      const death = deaths.shift();
      if (death === 'dies-before') throw new Error('the worker died before it wrote');
      const result = await activities.decideAndAppend(request);
      if (death === 'dies-after') throw new Error('the worker died after it wrote');
      return result;
    },
  }),
});
beforeAll(() => server.open());
afterAll(() => server.close());

const COMMANDS = 10;

const send = fc.record({ index: fc.nat({ max: COMMANDS - 1 }), door: fc.constantFrom('signal', 'update') });
const burst = fc.record({
  sends: fc.array(send, { minLength: 1, maxLength: 6 }),
  fault: fc.option(
    fc.constantFrom<Fault>('lost-before-write', 'lost-after-write', 'dies-before', 'dies-after'),
    { nil: undefined },
  ),
});
const amounts = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: COMMANDS, maxLength: COMMANDS });

function commandsOf(account: AccountDriver, given: readonly number[]): readonly CommandEnvelope[] {
  return given.map((amount, index) => {
    const type = amount < 0 ? 'Withdraw' : 'Deposit';
    return account.command(`command ${index}`, { type, data: { amount: Math.abs(amount) + 1 } });
  });
}

function strike(fault: Fault | undefined): void {
  if (fault === 'dies-before' || fault === 'dies-after') deaths.push(fault);
  else if (fault) server.store.failNext(fault);
}

async function sendOnce(account: AccountDriver, envelope: CommandEnvelope, door: string): Promise<void> {
  if (door === 'signal') return account.signal(envelope);
  // An update that a run could not answer has an unknown outcome. It is repeated at the end.
  await account.update(envelope).catch(() => undefined);
}

describe('any interleaving of repeats, signals, updates, faults and new runs', () => {
  it('applies each command once, answers as in the stream, and has the state of the stream', () =>
    fc.assert(
      fc.asyncProperty(amounts, fc.array(burst, { minLength: 3, maxLength: 8 }), async (given, bursts) => {
        server.store.heal();
        const account = await AccountDriver.with(server, opened, deposited(10));
        const commands = commandsOf(account, given);
        await account.start({ messagesPerRun: 4 });
        for (const { sends, fault } of bursts) {
          strike(fault);
          await Promise.all(
            sends.map(({ index, door }) => sendOnce(account, commands[index] as CommandEnvelope, door)),
          );
        }
        const outcomes = await account.insist(...commands);
        for (const [index, outcome] of outcomes.entries()) {
          const own = account.events.filter(({ metadata }) => metadata.commandId === outcome.commandId);
          const accepted = outcome.status === 'accepted' ? [outcome.revision] : [];
          expect(own.map(({ revision }) => revision)).toEqual(accepted);
          expect(outcome.commandId).toBe(commands[index]?.commandId);
        }
        const folded = await account.folded();
        const state = await until(
          () => account.state(),
          (live) => live?.revision === folded.revision,
        );
        expect(state).toEqual(folded);
      }),
      { numRuns: 12, endOnFailure: true },
    ));
});
