import { z } from 'zod';
import { timeline } from '#contracts/timeline.js';
import type { EntityContract } from '#contracts/entity-contract.js';

/** A JSON Schema, or any part of an OpenAPI document. */
export type Document = Record<string, unknown>;

/** Converts a schema to the dialect of OpenAPI 3.1 (JSON Schema 2020-12). */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'input'): Document {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
  });
  return rest;
}

/** The schema of a page of these items. */
export function pageSchema(items: Document): Document {
  return {
    type: 'object',
    required: ['data'],
    properties: { data: { type: 'array', items }, nextCursor: { type: 'string' } },
  };
}

/**
 * The name of a schema, such as `AccountState`. Documents of several entities are merged into one,
 * so schema names must be unique across them.
 */
export function schemaName({ name }: EntityContract, schema: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}${schema}`;
}

/** The schemas of an entity's commands, state, outcomes, events and problems, by name. */
export function componentSchemas(contract: EntityContract): Document {
  const own = Object.entries(ownSchemas(contract));
  const named = own.map(([name, schema]) => [schemaName(contract, name), schema]);
  return {
    ...(Object.fromEntries(named) as Document),
    CommandStages: commandStages,
    Difference: difference,
    DryRun: dryRun,
    Explanation: explanation,
    Pending: pending,
    Problem: problem,
    Timeline: jsonSchema(timeline, 'output'),
  };
}

function ownSchemas(contract: EntityContract): Document {
  const commands = Object.entries(contract.commands)
    .filter(([, { visibility }]) => visibility === 'public')
    .map(([type, { schema }]) => [type, jsonSchema(schema)]);
  const view = jsonSchema(contract.view, 'output') as { properties?: Document; required?: string[] };
  return {
    ...(Object.fromEntries(commands) as Document),
    State: {
      ...view,
      properties: { id: text, ...view.properties, revision: { type: 'integer', minimum: 0 }, hash },
      required: ['id', ...(view.required ?? []), 'revision'],
    },
    ...outcomeSchemas({ type: 'array', items: { enum: Object.keys(contract.events) } }),
    Event: eventSchema(contract),
  };
}

const text = { type: 'string' };
const timestamp = { type: 'string', format: 'date-time' };
const revision = { type: 'integer', minimum: -1 };
const hash = { ...text, pattern: '^[0-9a-f]{64}$', description: 'Hash of the stream up to this revision' };

const acting = {
  actor: {
    ...text,
    description: 'Who sent the command: a caller, or the stream of the saga, flow or entity that acts itself',
  },
  onBehalfOf: { ...text, description: 'The caller on whose behalf a saga, flow or entity acts' },
};

function outcomeSchemas(events: Document): Document {
  const outcome = { id: text, commandId: text, ...acting, revision, at: timestamp };
  const status = (...values: string[]): Document => ({ enum: values });
  const receipt = {
    ...outcome,
    status: status('pending', 'accepted', 'rejected', 'failed'),
    events,
    code: text,
    detail: text,
    stages: { $ref: '#/components/schemas/CommandStages' },
  };
  return {
    Accepted: object(
      { ...outcome, status: status('accepted'), events },
      'commandId',
      'status',
      'revision',
      'events',
    ),
    Receipt: object(receipt, 'commandId', 'status', 'stages'),
  };
}

function eventSchema({ events }: EntityContract): Document {
  const properties = {
    id: text,
    entityId: text,
    type: { enum: Object.keys(events) },
    revision,
    hash,
    at: timestamp,
    data: { type: 'object' },
    commandId: text,
    ...acting,
    correlationId: text,
    causationId: text,
  };
  return object(properties, 'id', 'entityId', 'type', 'revision', 'at', 'data', 'commandId');
}

const stage = (more: Document = {}): Document =>
  object(
    { state: { enum: ['done', 'waiting', 'never', 'parked', 'unknown'] }, at: timestamp, ...more },
    'state',
  );

const commandStages = object(
  {
    accepted: stage(),
    decided: stage({ outcome: { enum: ['accepted', 'rejected', 'failed'] }, code: text }),
    appended: stage({ revision }),
    relayed: stage({ topic: text, partition: { type: 'integer' }, offset: text }),
    projected: { type: 'array', items: { ...stage({ view: text }), required: ['view', 'state'] } },
  },
  'accepted',
  'decided',
  'appended',
  'relayed',
  'projected',
);

const point = object({ revision, at: timestamp }, 'revision');
const path = { ...text, description: 'A JSON pointer into the state' };

const changes = {
  type: 'array',
  items: object({ path, from: {}, to: {} }, 'path'),
};

/** What the past of an entity is compared and explained by. The values are those of its state. */
const difference = object(
  {
    from: point,
    to: point,
    changes,
  },
  'from',
  'to',
  'changes',
);

/** What would come of a command. */
const dryRun = object(
  {
    outcome: { enum: ['accepted', 'rejected'] },
    revision,
    events: { type: 'array', items: object({ type: text, data: { type: 'object' } }, 'type') },
    changes: { ...changes, description: 'For those who may read the entity, as is the data of events' },
    code: text,
    detail: text,
  },
  'outcome',
  'revision',
);

const explanation = object(
  {
    revision,
    at: timestamp,
    fields: {
      type: 'array',
      items: object(
        {
          path,
          value: {},
          revision,
          event: { ...text, description: 'The type of the event that last changed the value' },
          at: timestamp,
          commandId: text,
          ...acting,
          correlationId: text,
          traceId: text,
        },
        ...['path', 'value', 'revision', 'event', 'at', 'commandId'],
      ),
    },
    omitted: {
      type: 'integer',
      minimum: 1,
      description: 'How many values are left out; name a `path` to see them',
    },
  },
  'revision',
  'at',
  'fields',
);

const pending = object({ id: text, commandId: text, status: { enum: ['pending'] } }, 'commandId', 'status');

const problem = object(
  {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: text,
    code: text,
    traceId: text,
  },
  'type',
  'title',
  'status',
  'code',
  'traceId',
);

function object(properties: Document, ...required: readonly string[]): Document {
  return { type: 'object', properties, required };
}
