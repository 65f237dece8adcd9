import { z } from 'zod';
import { type EntityContract, eventsTopic } from '#contracts/entity-contract.js';
import type { Document } from './openapi-schemas.js';

const text = { type: 'string' };

/** The attributes of a CloudEvent in binary mode, as Kafka headers. */
const headers = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_subject', 'ce_time', 'ce_sequence'],
  properties: {
    ce_specversion: { const: '1.0' },
    ce_id: { ...text, format: 'uuid', description: 'The same for ever: dedupe by it' },
    ce_type: text,
    ce_source: { ...text, description: '`/<entity>/<tenant>`' },
    ce_subject: { ...text, description: 'Id of the entity' },
    ce_time: { ...text, format: 'date-time' },
    ce_recordedtime: { ...text, format: 'date-time' },
    ce_sequence: { ...text, pattern: '^\\d+$', description: 'Revision: 0, 1, 2 … without a gap' },
    ce_hash: { ...text, pattern: '^[0-9a-f]{64}$', description: 'Of the stream up to this event' },
    ce_correlationid: text,
    ce_causationid: text,
    ce_commandid: text,
    ce_dataversion: { ...text, pattern: '^\\d+$', description: 'Schema version of the data' },
  },
};

/**
 * The topics of some entities as an AsyncAPI 3.0 document: each event with its schema, out of the contracts.
 * See https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export function asyncApiDocument(contracts: readonly EntityContract[], version: string): Document {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Perdure: events',
      version,
      description: 'CloudEvents 1.0 in binary mode, keyed by stream; read them committed.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(contracts.map((contract) => [channelOf(contract), channel(contract)])),
    operations: Object.fromEntries(
      contracts.map((contract) => [
        `publish${capitalized(contract.name)}Events`,
        { action: 'send', channel: { $ref: `#/channels/${channelOf(contract)}` }, summary: contract.summary },
      ]),
    ),
    components: { messages: Object.assign({}, ...contracts.map(messages)) as Document },
  };
}

/** One document of several. */
export function mergeAsyncApi(documents: readonly Document[]): Document {
  const merge = (pick: (document: Document) => unknown): Document =>
    Object.assign({}, ...documents.map(pick)) as Document;
  return {
    ...documents[0],
    channels: merge((document) => document['channels']),
    operations: merge((document) => document['operations']),
    components: { messages: merge((document) => (document['components'] as Document)['messages']) },
  };
}

function channel(contract: EntityContract): Document {
  const refs = Object.keys(contract.events).map((type) => [
    type,
    { $ref: `#/components/messages/${messageOf(contract, type)}` },
  ]);
  return {
    address: eventsTopic(contract.name),
    title: `What happened to ${contract.plural}`,
    messages: Object.fromEntries(refs) as Document,
  };
}

function messages(contract: EntityContract): Document {
  return Object.fromEntries(
    Object.entries(contract.events).map(([type, { schema, summary }]) => [
      messageOf(contract, type),
      {
        name: type,
        summary,
        contentType: 'application/json',
        headers,
        payload: payloadOf(schema),
        bindings: { kafka: { key: { ...text, examples: [`${contract.name}-default.42`] } } },
      },
    ]),
  );
}

/** AsyncAPI's own schema format is a superset of JSON Schema draft 07. */
function payloadOf(schema: z.ZodType): Document {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'output',
    unrepresentable: 'any',
  });
  return rest;
}

function channelOf({ name }: EntityContract): string {
  return `${name}Events`;
}

function messageOf({ name }: EntityContract, type: string): string {
  return `${name}.${type}`;
}

function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
