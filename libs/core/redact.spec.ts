import { expect, it } from '@jest/globals';
import { redact } from './redact.js';

const id = 'a'.repeat(24);

it.each([
  ['an API key', `key pk_${id}_${'b'.repeat(72)} is`, `key pk_${id}_[redacted] is`],
  ['a part of one', `pk_${id}_b`, `pk_${id}_[redacted]`],
  ['a token', 'a eyJhbGciOi.eyJzdWIiOi.c2ln-_ b', 'a [redacted] b'],
  ['a bearer credential', 'Authorization: Bearer abc.def-123', 'Authorization: Bearer [redacted]'],
  ['a basic credential', '"Basic dXNlcjpwYXNz"', '"Basic [redacted]"'],
  ['a password in an address', 'at postgres://me:pa%40ss@db:1/x?y', 'at postgres://[redacted]@db:1/x?y'],
  ['a user in an address', 'esdb+discover://me@db', 'esdb+discover://[redacted]@db'],
  ['a link', 'https://x/approve?token=abc&to=b', 'https://x/approve?token=[redacted]&to=b'],
  ['an email address', 'to <a.b+c@mail.example.com>', 'to <[redacted]>'],
])('%s is replaced', (_, text, expected) => {
  expect(redact(text)).toBe(expected);
});

it.each([
  ['an id', 'pk_1 account-default.alice'],
  ['a consistency token', 'account-default.alice@17'],
  ['the place of a record', 'perdure.account.commands.v1/0/17@1700000000000'],
  ['an address', 'http://127.0.0.1:3000/v1/accounts?status=open'],
  ['the name of a worker', '4711@host'],
])('%s is not', (_, text) => {
  expect(redact(text)).toBe(text);
});

it('a long text takes no long time', () => {
  const texts = ['a', 'a.', 'a@', 'eyJ', 'a://', 'Bearer ', '?token=', 'pk_'].map((part) =>
    part.repeat(20_000),
  );
  const before = performance.now();
  for (const text of texts) redact(text);
  expect(performance.now() - before).toBeLessThan(5_000);
});
