import { z } from 'zod';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { Document } from './openapi-schemas.js';

/** A topic of an entity, with its messages by name. */
export interface AsyncApiChannel {
  /** Its name in the document, such as `accountEvents`. */
  readonly id: string;
  /** Null if each message that is answered names it. */
  readonly address: string | null;
  readonly title: string;
  /** Whether our side sends or receives there. Absent if it only replies. */
  readonly operation?: AsyncApiOperation;
  /** By the last part of their names, which follows a prefix such as `account.`. */
  readonly messages: Readonly<Record<string, AsyncApiMessage>>;
}

export interface AsyncApiOperation {
  readonly id: string;
  readonly action: 'send' | 'receive';
  readonly summary: string;
  /** The id of the channel for the outcome, and where in a message its address is. */
  readonly reply?: { readonly channel: string; readonly location: string };
}

export interface AsyncApiMessage {
  readonly name: string;
  readonly summary: string;
  readonly headers: Document;
  readonly payload: Document;
  /** The format of the Kafka key. */
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

/** `account` → `Account`: the name of an entity in operation names. */
export function capitalized({ name }: EntityContract): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
