import { z } from 'zod';
import type { Policy } from '#contracts/access.js';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { Document } from './openapi-schemas.js';

/** A topic of an entity, with its messages by name. */
export interface AsyncApiChannel {
  /** The name of the channel in the document, such as `accountEvents`. */
  readonly id: string;
  /** The topic. Null for replies, because each command names its own reply topic. */
  readonly address: string | null;
  readonly title: string;
  /** Whether the service sends or receives here. Absent if it only replies. */
  readonly operation?: AsyncApiOperation;
  /** The messages by the last part of their names, without a prefix such as `account.`. */
  readonly messages: Readonly<Record<string, AsyncApiMessage>>;
}

export interface AsyncApiOperation {
  readonly id: string;
  readonly action: 'send' | 'receive';
  readonly summary: string;
  /** The id of the channel for replies, and which part of a message holds its address. */
  readonly reply?: { readonly channel: string; readonly location: string };
}

export interface AsyncApiMessage {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  /** Who may send it. */
  readonly 'x-allow'?: Policy;
  readonly headers: Document;
  readonly payload: Document;
  /** The format of the Kafka key. */
  readonly key: string;
}

/** The schema of a header or key that is text. */
export const text = { type: 'string' } as const;

/** The headers of all our CloudEvents, which use binary mode. */
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

/** Capitalizes the name of an entity for operation names: `account` becomes `Account`. */
export function capitalized({ name }: EntityContract): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
