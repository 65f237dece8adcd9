import { expect, test } from '@jest/globals';
import { refusalOf, refusedTopics } from './kafkajs-errors.js';

const failed = (...errors: { topic: string; type: string }[]) =>
  Object.assign(new Error('Topic creation errors'), { errors });

test('a refusal is recognised at any depth, and a temporary failure is not a refusal', () => {
  const tooLarge = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
  expect(refusalOf(new Error('not sent', { cause: tooLarge }))).toBe('record-too-large');
  for (const type of ['LEADER_NOT_AVAILABLE', 'REQUEST_TIMED_OUT', 'INVALID_REPLICATION_FACTOR']) {
    expect(refusalOf(Object.assign(new Error(type), { type }))).toBeUndefined();
  }
});

test('topics that can never be created are distinguished from those that exist by now', () => {
  const error = failed(
    { topic: 'a_b', type: 'INVALID_TOPIC_EXCEPTION' },
    { topic: 'there', type: 'TOPIC_ALREADY_EXISTS' },
    { topic: 'secret', type: 'TOPIC_AUTHORIZATION_FAILED' },
  );
  expect(refusedTopics(error)).toEqual(
    new Map([
      ['a_b', 'topic-invalid'],
      ['secret', 'topic-not-authorized'],
    ]),
  );
});

test('topics are not reported while one of them may be created on another attempt', () => {
  const error = failed(
    { topic: 'a_b', type: 'INVALID_TOPIC_EXCEPTION' },
    { topic: 'late', type: 'REQUEST_TIMED_OUT' },
  );
  expect(() => refusedTopics(error)).toThrow(error);
  expect(() => refusedTopics(new Error('the connection is closed'))).toThrow('closed');
});
