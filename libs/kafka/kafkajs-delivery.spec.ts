import { describe, expect, it } from '@jest/globals';
import type { OutgoingMessage, TopicMessages } from './kafka.js';
import { Delivery } from './kafkajs-delivery.js';
import { sizeOf } from './message-size.js';

const message = (key: number, bytes = 10) => ({ key: String(key), value: 'x'.repeat(bytes), headers: {} });

/** kafkajs's error names no topic. */
class Refused extends Error {
  constructor(readonly type: string) {
    super(type);
  }
}

/** Accepts a request, or refuses all of it. */
class Broker {
  requests = 0;
  readonly taken: string[] = [];

  constructor(private readonly refuse: (part: TopicMessages) => string | undefined) {}

  async send(request: readonly TopicMessages[]): Promise<void> {
    this.requests += 1;
    for (const part of request) {
      const type = this.refuse(part);
      if (type !== undefined) throw new Refused(type);
    }
    for (const { topic, messages } of request)
      this.taken.push(...messages.map(({ key }) => `${topic}/${key}`));
  }
}

async function deliver(broker: Broker, ...request: TopicMessages[]) {
  const delivery = new Delivery<OutgoingMessage>((part) => broker.send(part));
  await delivery.write(request);
  return delivery.refused.map(({ topic, message: { key }, reason }) => `${topic}/${key} ${reason}`);
}

/** The limit on the size of a record batch. */
const upTo = (limit: number) => (part: TopicMessages) =>
  part.messages.reduce((sum, one) => sum + sizeOf(one), 0) > limit ? 'MESSAGE_TOO_LARGE' : undefined;

describe('a request that a broker refuses', () => {
  it('is written to all topics that take it', async () => {
    const broker = new Broker(({ topic }) => (topic === 'no' ? 'TOPIC_AUTHORIZATION_FAILED' : undefined));
    const parts = ['a', 'no', 'b', 'c'].map((topic) => ({ topic, messages: [message(1), message(2)] }));
    expect(await deliver(broker, ...parts)).toEqual([
      'no/1 topic-not-authorized',
      'no/2 topic-not-authorized',
    ]);
    expect(new Set(broker.taken)).toEqual(new Set(['a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'c/2']));
  });

  it('is written in order, except for messages that are too large', async () => {
    const broker = new Broker(upTo(1_000));
    const messages = Array.from({ length: 100 }, (_, key) => message(key, key === 37 ? 2_000 : 10));
    expect(await deliver(broker, { topic: 'a', messages })).toEqual(['a/37 record-too-large']);
    expect(broker.taken).toEqual(messages.filter(({ key }) => key !== '37').map(({ key }) => `a/${key}`));
  });

  it('is not tried message by message when its topic takes next to nothing', async () => {
    const broker = new Broker(upTo(10));
    const messages = Array.from({ length: 1_000 }, (_, key) => message(key));
    expect(await deliver(broker, { topic: 'a', messages })).toHaveLength(1_000);
    expect(broker.taken).toEqual([]);
    expect(broker.requests).toBeLessThan(50);
  });

  it('fails when the broker may take it another time', async () => {
    const broker = new Broker(() => 'LEADER_NOT_AVAILABLE');
    await expect(deliver(broker, { topic: 'a', messages: [message(1)] })).rejects.toThrow('LEADER');
    expect(broker.requests).toBe(1);
  });
});
