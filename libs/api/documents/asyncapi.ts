import type { EntityContract } from '#contracts/entity-contract.js';
import { type AsyncApiChannel, text } from './asyncapi-channel.js';
import { commandChannels } from './asyncapi-commands.js';
import { eventsChannel, stateChannel } from './asyncapi-events.js';
import type { Document } from './openapi-schemas.js';

/**
 * Describes the topics of entities as an AsyncAPI 3.0 document, with the schemas of all messages.
 * It is derived from the contracts. See
 * https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export function asyncApiDocument(contracts: readonly EntityContract[], version: string): Document {
  const parts = contracts.map(partsOf);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Perdure: topics',
      version,
      description:
        'CloudEvents 1.0 in binary mode, keyed by entity. Read them with isolation level read_committed. ' +
        'Fields with `x-personal-data: true` may hold personal data.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: merged(parts.map(({ channels }) => channels)),
    operations: merged(parts.map(({ operations }) => operations)),
    components: { messages: merged(parts.map(({ messages }) => messages)) },
  };
}

/** Merges several documents into one. */
export function mergeAsyncApi(documents: readonly Document[]): Document {
  return {
    ...documents[0],
    channels: merged(documents.map((document) => document['channels'])),
    operations: merged(documents.map((document) => document['operations'])),
    components: {
      messages: merged(documents.map((document) => (document['components'] as Document)['messages'])),
    },
  };
}

function merged(documents: readonly unknown[]): Document {
  return Object.assign({}, ...documents) as Document;
}

function partsOf(contract: EntityContract) {
  const channels = [eventsChannel(contract), stateChannel(contract), ...commandChannels(contract)];
  return {
    channels: Object.fromEntries(channels.map((channel) => [channel.id, channelDocument(contract, channel)])),
    operations: merged(channels.map(operationDocument)),
    messages: merged(channels.map((channel) => messageDocuments(contract, channel))),
  };
}

function operationDocument({ id, operation }: AsyncApiChannel): Document {
  if (!operation) return {};
  const { action, summary, reply } = operation;
  const replying = reply && { address: { location: reply.location }, channel: toChannel(reply.channel) };
  return {
    [operation.id]: { action, channel: toChannel(id), summary, ...(replying && { reply: replying }) },
  };
}

const toChannel = (id: string): Document => ({ $ref: `#/channels/${id}` });

function channelDocument(contract: EntityContract, { address, title, messages }: AsyncApiChannel): Document {
  const refs = Object.keys(messages).map((part) => [
    part,
    { $ref: `#/components/messages/${messageId(contract, part)}` },
  ]);
  return { address, title, messages: Object.fromEntries(refs) as Document };
}

function messageDocuments(contract: EntityContract, { messages }: AsyncApiChannel): Document {
  return Object.fromEntries(
    Object.entries(messages).map(([part, { key, ...message }]) => [
      messageId(contract, part),
      {
        ...message,
        contentType: 'application/json',
        bindings: { kafka: { key: { ...text, examples: [key] } } },
      },
    ]),
  );
}

function messageId({ name }: EntityContract, part: string): string {
  return `${name}.${part}`;
}
