import { commandsTopic, deadLetterTopic, type EntityContract } from '#contracts/entity-contract.js';
import { inWords } from '#contracts/access.js';
import { type AsyncApiChannel, capitalized, cloudEventHeaders, payloadOf, text } from './asyncapi-channel.js';

const commandHeaders = {
  ...cloudEventHeaders,
  ce_id: { ...text, description: 'Your id of the command: the idempotency key', maxLength: 255 },
  ce_time: { ...text, description: 'Ignored' },
  authorization: { ...text, description: 'Who sends it: `Bearer` and an access token or an API key' },
  traceparent: text,
  perdure_expectedrevision: { ...text, pattern: '^\\d{1,15}$', description: 'As with `If-Match`' },
  perdure_replyto: {
    ...text,
    pattern: '^perdure\\.replies\\.[A-Za-z0-9._-]{1,200}$',
    description: 'Topic for the outcome, with the same body as in REST',
  },
};

const REPLIES = ['accepted', 'rejected', 'failed', 'pending', 'invalid'];

const letterHeaders = {
  type: 'object',
  required: ['perdure_dlq_code', 'perdure_dlq_detail', 'perdure_dlq_topic'],
  properties: {
    perdure_dlq_code: { ...text, description: 'Why it is not a command' },
    perdure_dlq_detail: text,
    perdure_dlq_errors: { ...text, description: 'JSON: what is wrong, and where' },
    perdure_dlq_topic: text,
    perdure_dlq_partition: text,
    perdure_dlq_offset: text,
    perdure_dlq_timestamp: text,
    perdure_dlq_incomplete: {
      ...text,
      description: '`true` if the record was too large to be repeated here',
    },
  },
};

/** The channel for replies. Senders of commands choose its address. */
function repliesChannel({ name, plural }: EntityContract): AsyncApiChannel {
  return {
    id: `${name}Replies`,
    address: null,
    title: `The outcome of a command to ${plural}`,
    messages: {
      reply: {
        name: `perdure.${name}.command.outcome`,
        summary: 'The outcome of a command, or why the record is not a command',
        headers: replyHeaders(name),
        payload: { type: 'object', description: 'The same body as in REST, problems included' },
        key: '42',
      },
    },
  };
}

function replyHeaders(category: string) {
  return {
    type: 'object',
    required: [
      'content-type',
      'ce_specversion',
      'ce_id',
      'ce_type',
      'ce_source',
      'ce_subject',
      'ce_causationid',
    ],
    properties: {
      ...cloudEventHeaders,
      'content-type': { enum: ['application/json', 'application/problem+json'] },
      ce_id: { ...text, description: 'Identical for the same outcome of the same command' },
      ce_type: { enum: REPLIES.map((status) => `perdure.${category}.command.${status}`) },
      ce_causationid: { ...text, description: 'The `ce_id` of the command, or its position on the topic' },
      ce_commandid: { ...text, description: 'Our id of the command, which identifies its receipt' },
      traceparent: text,
    },
  };
}

function commandMessages(commands: EntityContract['commands']) {
  return Object.entries(commands).flatMap(([type, command]) => {
    if (command.visibility !== 'public') return [];
    const { schema, summary, allow } = command;
    const properties = { ...commandHeaders, ce_type: { const: type } };
    const message = {
      name: type,
      summary,
      description: `Allowed for ${inWords(allow)}.`,
      'x-allow': allow,
      headers: { type: 'object', required: ['ce_type'], properties },
      payload: payloadOf(schema, 'input'),
      key: '42',
    };
    return [[`${type}Command`, message] as const];
  });
}

/** The topics for commands and their dead letters. Empty if there are no public commands. */
export function commandChannels(contract: EntityContract): readonly AsyncApiChannel[] {
  const { name, plural, commands } = contract;
  const messages = commandMessages(commands);
  if (messages.length === 0) return [];
  const summary = `A record that is not a command of a ${name}, unchanged, with the reason`;
  return [
    {
      id: `${name}Commands`,
      address: commandsTopic(name),
      title: `Commands for ${plural}`,
      operation: {
        id: `take${capitalized(contract)}Commands`,
        action: 'receive',
        summary: `Commands for ${plural}, each decided once and in order`,
        reply: { channel: `${name}Replies`, location: '$message.header#/perdure_replyto' },
      },
      messages: Object.fromEntries(messages),
    },
    repliesChannel(contract),
    {
      id: `${name}DeadLetters`,
      address: deadLetterTopic(name),
      title: 'Records that are not commands',
      operation: { id: `putAside${capitalized(contract)}Records`, action: 'send', summary },
      messages: {
        deadLetter: {
          name: `perdure.${name}.deadletter`,
          summary,
          headers: letterHeaders,
          payload: {},
          key: '42',
        },
      },
    },
  ];
}
