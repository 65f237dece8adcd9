import type { Mutant } from './mutant.js';

const ofRules = { spec: 'apps/desk/src/domain/callback.decide.spec.ts' } as const;
const ofIntake = {
  file: 'apps/desk/src/webhooks/webhook-intake.ts',
  spec: 'apps/desk/src/webhooks/webhooks.spec.ts',
} as const;

/** Bugs in callbacks and in the intake of webhooks. */
export const callbackMutants: readonly Mutant[] = [
  {
    ...ofRules,
    id: 'early-webhook-lost',
    bug: 'A message that came before its waiter is not delivered.',
    file: 'apps/desk/src/domain/callback.decide.ts',
    replace: "const own = data.takes === 'all' ? unclaimed : unclaimed.slice(0, 1);",
    by: 'const own = unclaimed.slice(0, 0);',
    test: 'a callback whose message came first delivers it to who begins to wait',
  },
  {
    ...ofRules,
    id: 'refused-webhook-lost',
    bug: 'A message that its waiter refuses is forgotten.',
    file: 'apps/desk/src/domain/callback.evolve.ts',
    replace: 'messages: messages.map((message) => (message.n === n ? refused(message, code) : message)),',
    by: 'messages: messages.filter((message) => message.n !== n),',
    test: 'a callback that delivers has the message unclaimed again if it is refused',
  },
  {
    ...ofRules,
    id: 'webhook-for-two',
    bug: 'Who takes one message stays in line.',
    file: 'apps/desk/src/domain/callback.evolve.ts',
    replace: "waiter?.takes === 'one' ?",
    by: "waiter?.by === '' ?",
    test: 'a callback for which somebody waits delivers one message to who takes one, and the next to the next',
  },
  {
    ...ofIntake,
    id: 'acknowledged-before-stored',
    bug: 'A webhook is acknowledged before it is stored.',
    replace: 'throw new OutcomeUnknownError([commandId]);',
    by: 'return { status: 200, headers: {}, body: {} };',
    test: 'a webhook that is not stored is not accepted: its callback is slow',
  },
  {
    ...ofIntake,
    id: 'webhook-id-ignored',
    bug: 'Every attempt to deliver a webhook is a message of its own.',
    replace: 'entity: stream, key: id }',
    by: 'entity: stream, key: `${id}${Math.random()}` }',
    test: 'a webhook is stored once, whenever and however often it is sent',
  },
  {
    ...ofIntake,
    id: 'signature-not-compared',
    bug: 'Any signature is taken.',
    replace: 'isSignedWith(secrets, { id, timestamp, body }, signature)',
    by: 'isSignedWith(secrets, { id, timestamp, body }, signature) !== undefined',
    test: 'what is refused: a signature with another secret',
  },
  {
    ...ofIntake,
    id: 'old-webhook-taken',
    bug: 'A webhook that was recorded can be sent again at any time.',
    replace: 'if (age <= toleranceSeconds) return id;',
    by: 'if (age >= 0) return id;',
    test: 'what is refused: a time that differs by',
  },
];
