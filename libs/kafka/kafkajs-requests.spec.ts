import { expect, test } from '@jest/globals';
import { toRequests } from './kafkajs-requests.js';

const message = (key: string, bytes: number) => ({ key, value: 'x'.repeat(bytes), headers: {} });
const MEBIBYTE = 1024 * 1024;

test('a small amount goes in one request, whatever its topics', () => {
  const [a, b, c] = [message('a', 10), message('b', 10), message('c', 10)];
  expect(
    toRequests(
      [
        { topic: 'one', messages: [a, b] },
        { topic: 'none', messages: [] },
        { topic: 'two', messages: [c] },
      ],
      MEBIBYTE,
    ),
  ).toEqual([
    [
      { topic: 'one', messages: [a, b] },
      { topic: 'two', messages: [c] },
    ],
  ]);
});

test('much goes in several requests, in order and whole', () => {
  const messages = Array.from({ length: 10 }, (_, index) => message(String(index), MEBIBYTE / 2));
  const requests = toRequests(
    [
      { topic: 'one', messages: messages.slice(0, 5) },
      { topic: 'two', messages: messages.slice(5) },
    ],
    2 * MEBIBYTE,
  );
  expect(requests.length).toBeGreaterThan(2);
  const sent = requests.flat().flatMap((part) => part.messages.map(({ key }) => `${part.topic}/${key}`));
  expect(sent).toEqual(messages.map(({ key }, index) => `${index < 5 ? 'one' : 'two'}/${key}`));
  for (const request of requests) {
    const bytes = request.flatMap((part) => part.messages).reduce((sum, { value }) => sum + value.length, 0);
    expect(bytes).toBeLessThanOrEqual(2 * MEBIBYTE);
  }
});

test('headers count towards the size, in our messages and in raw records', () => {
  const text = 'x'.repeat(300);
  const messages = [
    ...Array.from({ length: 10 }, () => ({ key: 'a', value: '', headers: { text } })),
    ...Array.from({ length: 10 }, () => ({ key: null, value: null, headers: { text: [Buffer.from(text)] } })),
  ];
  const requests = toRequests([{ topic: 'one', messages }], 1_000);
  expect(requests.map(([part]) => part?.messages.length)).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
});

test('one that is larger than a request is alone in one', () => {
  const messages = [message('a', 10), message('b', 5_000), message('c', 10)];
  const requests = toRequests([{ topic: 'one', messages }], 1_000);
  expect(requests).toEqual(messages.map((one) => [{ topic: 'one', messages: [one] }]));
});
