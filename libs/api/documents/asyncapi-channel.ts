import { z } from 'zod';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { Document } from './openapi-schemas.js';

/** A topic of an entity, with the messages on it by name. */
export interface AsyncApiChannel {
  /** Its name in the document, `accountEvents`. */
  readonly id: string;
  /** Null where each message that is answered names it. */
  readonly address: string | null;
  readonly title: string;
  /** What our side does with it; absent where it only replies there. */
  readonly operation?: AsyncApiOperation;
  /** By the last part of their names; `account.` goes before it. */
  readonly messages: Readonly<Record<string, AsyncApiMessage>>;
}

export interface AsyncApiOperation {
  readonly id: string;
  readonly action: 'send' | 'receive';
  readonly summary: string;
  /** The id of the channel for the outcome, and where in a message its address stands. */
  readonly reply?: { readonly channel: string; readonly location: string };
}

export interface AsyncApiMessage {
  readonly name: string;
  readonly summary: string;
  readonly headers: Document;
  readonly payload: Document;
  /** What the Kafka key may look like. */
  readonly key: string;
}

/** A header or key that is text. */
export const text = { type: 'string' } as const;

/** Headers of every CloudEvent of ours in binary mode. */
export const cloudEventHeaders = {
  ce_specversion: { const: '1.0' },
  ce_id: text,
  ce_type: text,
  ce_source: text,
  ce_subject: { ...text, description: 'Id of the entity' },
  ce_time: { ...text, format: 'date-time' },
  ce_correlationid: text,
} as const;

/** AsyncAPI's own schema format is a superset of JSON Schema draft 07. */
export function payloadOf(schema: z.ZodType, io: 'input' | 'output' = 'output'): Document {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io, unrepresentable: 'any' });
  return rest;
}

/** `account` → `Account`: how operations name an entity. */
export function capitalized({ name }: EntityContract): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
