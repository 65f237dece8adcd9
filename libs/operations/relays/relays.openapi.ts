import { z } from 'zod';
import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { OperationsOf } from '../operations-of.js';

const relayItem = z.strictObject({
  category: z.string().meta({ examples: ['account'] }),
  state: z.enum(['running', 'waiting', 'missing']),
  position: z
    .string()
    .optional()
    .meta({ description: 'Position in the store of the last event on the topic' }),
  relayed: z.int().min(0).optional().meta({ description: 'Events published since this relay was started' }),
  behindSeconds: z
    .number()
    .min(0)
    .nullable()
    .optional()
    .meta({ description: 'Age of the oldest event that is not on the topic yet' }),
  eventsPerSecond: z.number().min(0).optional().meta({ description: 'Over the last ten seconds' }),
  folds: z
    .strictObject({
      entries: z.int().min(0),
      bytes: z.int().min(0).meta({ description: 'Of heap' }),
      maxBytes: z.int().min(0),
      evicted: z.int().min(0).meta({ description: 'Evicted at the limit since this relay was started' }),
    })
    .optional()
    .meta({ description: 'The cached folds of entities, from which the next states are made' }),
  checkpoint: z
    .string()
    .optional()
    .meta({ description: 'Position up to which the next relay of a quiet category need not read the store' }),
  refill: z
    .strictObject({
      position: z
        .string()
        .optional()
        .meta({ description: 'All states of events up to here are on their topic' }),
      target: z
        .string()
        .optional()
        .meta({ description: 'Position at which the refill of the whole topic ends' }),
      written: z.int().min(0).meta({ description: 'States written by the refill' }),
      owed: z
        .int()
        .min(0)
        .meta({ description: 'Entities whose events are on their topic and whose state is not yet' }),
    })
    .optional()
    .meta({ description: 'Progress of filling in missing states; absent if none is missing' }),
  worker: z.string().optional(),
  heardAt: z.iso.datetime({ precision: 3 }).optional(),
  attempt: z.int().min(0).optional(),
  failure: z.string().optional(),
});

/** The relays' route as part of a service's OpenAPI document. */
export function relaysDocument(service: string): Document {
  const operations = new OperationsOf(service);
  const list = operations.get({
    name: 'Relays',
    summary: 'The relays: position, lag and rate',
    reply: jsonSchema(z.strictObject({ data: z.array(relayItem) }), 'output'),
  });
  return operations.document({ [`${operations.base}/relays`]: list });
}
