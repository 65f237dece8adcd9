import { describe, expect, it } from '@jest/globals';
import { accountContract } from '#contracts/account/account.contract.js';
import { transferContract } from '#contracts/transfer/transfer.contract.js';
import { asyncApiDocument, mergeAsyncApi } from './asyncapi.js';

interface Parts {
  readonly channels: Record<string, { address: string | null; messages: Record<string, { $ref: string }> }>;
  readonly operations: Record<
    string,
    { channel: { $ref: string }; reply?: { channel: { $ref: string }; address: { location: string } } }
  >;
  readonly components: { messages: Record<string, { payload: object }> };
}

function partsOf(document: Record<string, unknown>): Parts {
  return document as unknown as Parts;
}

describe('the AsyncAPI document', () => {
  const document = asyncApiDocument([accountContract, transferContract], '1.2.3');
  const { channels, operations, components } = partsOf(document);

  it('has a channel for each topic and a message for each event', () => {
    expect(document).toMatchObject({ asyncapi: '3.0.0', info: { version: '1.2.3' } });
    expect(channels['accountEvents']?.address).toBe('perdure.account.events.v1');
    expect(Object.keys(channels['accountEvents']?.messages ?? {})).toEqual(
      Object.keys(accountContract.events),
    );
  });

  it('refers to nothing that is not there', () => {
    const messages = Object.values(channels).flatMap((channel) => Object.values(channel.messages));
    for (const { $ref } of messages) {
      const [name] = $ref.match(/(?<=^#\/components\/messages\/).+$/) ?? [];
      expect(components.messages).toHaveProperty([String(name)]);
    }
    for (const { channel, reply } of Object.values(operations)) {
      for (const { $ref } of reply ? [channel, reply.channel] : [channel]) {
        expect(channels).toHaveProperty([$ref.replace('#/channels/', '')]);
      }
    }
  });

  it('describes the data of an event', () => {
    expect(components.messages['account.AccountOpened']?.payload).toMatchObject({
      type: 'object',
      required: ['owner', 'currency'],
      additionalProperties: false,
    });
  });

  it('describes a state', () => {
    expect(channels['accountState']?.address).toBe('perdure.account.state.v1');
    expect(components.messages['account.state']?.payload).toMatchObject({
      required: expect.arrayContaining(['id', 'balance', 'revision']),
    });
  });

  it('describes a command, and lists only public ones', () => {
    expect(channels['accountCommands']?.address).toBe('perdure.account.commands.v1');
    expect(components.messages['account.DepositCommand']?.payload).toMatchObject({ required: ['amount'] });
    expect(components.messages).not.toHaveProperty(['account.ExpireHoldCommand']);
  });

  it('describes that the outcome of a command goes to the topic that the command names', () => {
    const { reply } = operations['takeAccountCommands'] ?? {};
    expect(reply?.address.location).toBe('$message.header#/perdure_replyto');
    expect(reply?.channel.$ref).toBe('#/channels/accountReplies');
    expect(channels['accountReplies']?.address).toBeNull();
  });

  it('is the same in one piece as merged of two', () => {
    const apart = [accountContract, transferContract].map((one) => asyncApiDocument([one], '1.2.3'));
    expect(mergeAsyncApi(apart)).toEqual(document);
  });
});
