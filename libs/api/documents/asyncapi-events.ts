import { z } from 'zod';
import { type EntityContract, eventsTopic, stateTopic } from '#contracts/entity-contract.js';
import { type AsyncApiChannel, capitalized, cloudEventHeaders, payloadOf, text } from './asyncapi-channel.js';

const recordedHeaders = {
  ...cloudEventHeaders,
  ce_recordedtime: { ...text, format: 'date-time' },
  ce_sequence: { ...text, pattern: '^\\d+$', description: 'Revision: 0, 1, 2 … without a gap' },
  ce_hash: { ...text, pattern: '^[0-9a-f]{64}$', description: 'Hash of the stream up to this event' },
  ce_dataversion: { ...text, pattern: '^\\d+$', description: 'Schema version of the data' },
};
const required = ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_subject', 'ce_time', 'ce_sequence'];

const eventHeaders = {
  type: 'object',
  required,
  properties: {
    ...recordedHeaders,
    ce_id: { ...text, format: 'uuid', description: 'Never changes: use it to remove duplicates' },
    ce_source: { ...text, description: '`/<entity>/<tenant>`' },
    ce_causationid: text,
    ce_commandid: text,
  },
};

const stateHeaders = {
  type: 'object',
  required,
  properties: {
    ...recordedHeaders,
    ce_id: { ...text, format: 'uuid', description: 'Id of the last event in it' },
    ce_source: { ...text, description: '`/<entity>/<tenant>/state`' },
    ce_sequence: { ...text, pattern: '^\\d+$', description: 'Revision of the last event in it' },
    ce_dataversion: { ...text, pattern: '^\\d+$', description: 'Version of the state' },
  },
};

/** The topic that holds every event of a category. */
export function eventsChannel(contract: EntityContract): AsyncApiChannel {
  const { name, plural, summary, events } = contract;
  const messages = Object.entries(events).map(([type, event]) => {
    const payload = payloadOf(event.schema);
    const message = { name: type, summary: event.summary, headers: eventHeaders, payload, key: keyOf(name) };
    return [type, message] as const;
  });
  return {
    id: `${name}Events`,
    address: eventsTopic(name),
    title: `Events of ${plural}`,
    operation: { id: `publish${capitalized(contract)}Events`, action: 'send', summary },
    messages: Object.fromEntries(messages),
  };
}

/** The compacted topic that holds the latest state of each entity. */
export function stateChannel(contract: EntityContract): AsyncApiChannel {
  const { name, plural, view } = contract;
  const summary = `The state of a ${name} after its last event, as returned by \`GET /v1/${plural}/{id}\``;
  const schema = view.extend({ id: z.string(), revision: z.number().int(), hash: z.string() });
  const state = {
    name: `perdure.${name}.state`,
    summary,
    headers: stateHeaders,
    payload: payloadOf(schema),
    key: keyOf(name),
  };
  return {
    id: `${name}State`,
    address: stateTopic(name),
    title: `States of ${plural}`,
    operation: { id: `publish${capitalized(contract)}State`, action: 'send', summary },
    messages: { state },
  };
}

function keyOf(name: string): string {
  return `${name}-default.42`;
}
