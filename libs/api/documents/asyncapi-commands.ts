import { commandsTopic, deadLetterTopic, type EntityContract } from '#contracts/entity-contract.js';
import { type AsyncApiChannel, capitalized, cloudEventHeaders, payloadOf, text } from './asyncapi-channel.js';

const commandHeaders = {
  ...cloudEventHeaders,
  ce_id: { ...text, description: 'Your id of the command: the idempotency key', maxLength: 255 },
  ce_time: { ...text, description: 'Not looked at' },
  traceparent: text,
  perdure_expectedrevision: { ...text, pattern: '^\\d{1,15}$', description: 'As with `If-Match`' },
  perdure_replyto: {
    ...text,
    pattern: '^perdure\\.replies\\.[A-Za-z0-9._-]{1,200}$',
    description: 'Topic for the outcome, which has the body that REST would answer with',
  },
};

const REPLIES = ['accepted', 'rejected', 'failed', 'pending', 'invalid'];

const letterHeaders = {
  type: 'object',
  required: ['perdure_dlq_code', 'perdure_dlq_detail', 'perdure_dlq_topic'],
  properties: {
    perdure_dlq_code: { ...text, description: 'Why it is no command' },
    perdure_dlq_detail: text,
    perdure_dlq_errors: { ...text, description: 'JSON: what is wrong, and where' },
    perdure_dlq_topic: text,
    perdure_dlq_partition: text,
    perdure_dlq_offset: text,
    perdure_dlq_timestamp: text,
    perdure_dlq_incomplete: {
      ...text,
      description: '`true` when the record was too large to be repeated here',
    },
  },
};

/** Its address is up to who asks. */
function repliesChannel({ name, plural }: EntityContract): AsyncApiChannel {
  return {
    id: `${name}Replies`,
    address: null,
    title: `What became of a command to ${plural}`,
    messages: {
      reply: {
        name: `perdure.${name}.command.outcome`,
        summary: 'The outcome of a command, or why it was none',
        headers: replyHeaders(name),
        payload: { type: 'object', description: 'The body that REST would answer with, problems included' },
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
      ce_id: { ...text, description: 'The same for the same outcome of the same command' },
      ce_type: { enum: REPLIES.map((status) => `perdure.${category}.command.${status}`) },
      ce_causationid: { ...text, description: 'The `ce_id` of the command, or its place on the topic' },
      ce_commandid: { ...text, description: 'Our id of the command, by which its receipt is found' },
      traceparent: text,
    },
  };
}

/** The topics that commands come by, and what is none of them goes to; none when no command may be sent from outside. */
export function commandChannels(contract: EntityContract): readonly AsyncApiChannel[] {
  const { name, plural, commands } = contract;
  const messages = Object.entries(commands)
    .filter(([, { visibility }]) => visibility === 'public')
    .map(([type, { schema, summary }]) => {
      const properties = { ...commandHeaders, ce_type: { const: type } };
      const headers = { type: 'object', required: ['ce_type'], properties };
      return [
        `${type}Command`,
        { name: type, summary, headers, payload: payloadOf(schema, 'input'), key: '42' },
      ] as const;
    });
  if (messages.length === 0) return [];
  const summary = `A record that is no command of a ${name}, as it was, with the reason`;
  return [
    {
      id: `${name}Commands`,
      address: commandsTopic(name),
      title: `What ${plural} are told`,
      operation: {
        id: `take${capitalized(contract)}Commands`,
        action: 'receive',
        summary: `Commands to ${plural}, each decided once and in order`,
        reply: { channel: `${name}Replies`, location: '$message.header#/perdure_replyto' },
      },
      messages: Object.fromEntries(messages),
    },
    repliesChannel(contract),
    {
      id: `${name}DeadLetters`,
      address: deadLetterTopic(name),
      title: 'What was no command',
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
