import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { envelopeOf, type TestCommand } from '#libs/testing/command-envelope.builder.js';
import { type AppendFault, MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { moment } from '#libs/testing/moments.js';
import { MortalEntity } from '#libs/testing/mortal-entity.js';
import { accountDecider } from '../../../apps/account/src/domain/account.decider.js';
import { emptyFold, foldOnwards } from './fold-stream.js';
import { depthOf } from '../../../test/support/depth.js';

const STREAM = 'account-default.any';

const holdId = fc.constantFrom('h-1', 'h-2', 'h-3');
const amount = fc.integer({ min: 1, max: 9 });
const body: fc.Arbitrary<TestCommand> = fc.oneof(
  fc.record({ amount }).map((data) => ({ type: 'Deposit', data })),
  fc.record({ amount }).map((data) => ({ type: 'Withdraw', data })),
  fc.record({ holdId, amount, expiresIn: fc.integer({ min: 1, max: 9 }) }).map(({ expiresIn, ...hold }) => {
    return { type: 'PlaceHold', data: { ...hold, expiresAt: moment(expiresIn) } };
  }),
  fc.record({ holdId }).map((data) => ({ type: 'CaptureHold', data })),
);
const commands = fc.array(
  fc.record({ body, key: fc.option(fc.constantFrom('k-1', 'k-2'), { nil: undefined }) }),
  {
    minLength: 8,
    maxLength: 8,
  },
);

const fault = fc.constantFrom<AppendFault>('lost-before-write', 'lost-after-write', 'refused');
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('send' as const), index: fc.nat({ max: 7 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('decide' as const), faults: fc.array(fault, { maxLength: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die-having-written' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('continue-as-new' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose-the-engine' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('let-a-second-pass' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** An account that dies in every possible place; what it answers twice is the same. */
class MortalAccount extends MortalEntity {
  constructor(readonly store = new MemoryEventStore()) {
    super(accountDecider, STREAM, store, (outcome, first) => expect(outcome).toEqual(first));
  }
}

type Commands = typeof commands extends fc.Arbitrary<infer T> ? T : never;

async function perform(
  entity: MortalAccount,
  envelopes: readonly CommandEnvelope[],
  step: Step,
): Promise<void> {
  switch (step.kind) {
    case 'send':
      return entity.send(envelopes[step.index] as CommandEnvelope);
    case 'decide':
      entity.store.failNext(...step.faults);
      return entity.decide();
    case 'die-having-written':
      return entity.dieHavingWritten();
    case 'continue-as-new':
      return entity.continueAsNew();
    case 'lose-the-engine':
      return entity.loseTheEngine();
    case 'let-a-second-pass':
      entity.now += 1;
  }
}

async function live(given: Commands, steps: readonly Step[]) {
  const entity = new MortalAccount();
  const open = envelopeOf({ type: 'Open', data: { owner: 'Alice', currency: 'USD' } }, 'open');
  const envelopes = given.map(({ body, key }, index) => {
    return envelopeOf(body, `command ${index}`, key === undefined ? {} : { key });
  });
  entity.send(open);
  await entity.decide();
  for (const step of steps) await perform(entity, envelopes, step);
  // In the end every client has sent its commands again, what a worker died over is done again, and
  // all are answered.
  for (const envelope of envelopes) entity.send(envelope);
  do await entity.decide();
  while (entity.mailbox.size > 0);
  for (const envelope of envelopes) entity.send(envelope);
  return { entity, envelopes: [open, ...envelopes] };
}

describe('an entity that dies anywhere, over a store that loses answers, under repeats and reused keys', () => {
  const lives = [commands, fc.array(step, { minLength: 5, maxLength: 60, size: 'max' })] as const;
  const runs = { numRuns: depthOf('PROPERTY_RUNS') };

  it('writes each command at most once and whole, as it answers', () =>
    fc.assert(
      fc.asyncProperty(...lives, async (given, steps) => {
        const { entity, envelopes } = await live(given, steps);
        const events = entity.store.eventsOf(STREAM);
        for (const { commandId } of envelopes) {
          const outcome = entity.answers.get(commandId);
          const own = events.filter(({ metadata }) => metadata.commandId === commandId);
          expect(outcome).toBeDefined();
          expect(own.map(({ type }) => type)).toEqual(outcome?.status === 'accepted' ? outcome.events : []);
          expect(own.map(({ metadata }) => metadata.index)).toEqual(own.map((_, index) => index));
          if (outcome?.status === 'accepted') expect(own.at(-1)?.revision).toBe(outcome.revision);
        }
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      }),
      runs,
    ));

  it('lets one command through under each key', () =>
    fc.assert(
      fc.asyncProperty(...lives, async (given, steps) => {
        const { entity } = await live(given, steps);
        const commandsUnder = new Map<string, Set<string>>();
        for (const { metadata } of entity.store.eventsOf(STREAM)) {
          const { keyId, commandId } = metadata;
          if (keyId === undefined) continue;
          commandsUnder.set(keyId, (commandsUnder.get(keyId) ?? new Set()).add(commandId));
        }
        for (const under of commandsUnder.values()) expect(under.size).toBe(1);
      }),
      runs,
    ));

  it('has the state of its stream', () =>
    fc.assert(
      fc.asyncProperty(...lives, async (given, steps) => {
        const { entity } = await live(given, steps);
        const folded = await foldOnwards(accountDecider, entity.store, STREAM, emptyFold(accountDecider));
        expect(entity.fold).toEqual(folded);
      }),
      runs,
    ));
});
