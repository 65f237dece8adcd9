import {
  type ConverterHint,
  defaultPayloadConverter,
  type PayloadConverter,
  type SerializationContext,
} from '@temporalio/common';

type Payload = Parameters<PayloadConverter['fromPayload']>[0];

/**
 * Stands for an argument that nobody can read: of an unknown encoding, or broken. No check of a message's form takes it for
 * anything else.
 */
const UNREADABLE = Symbol('unreadable');

/**
 * The usual converter, which throws at no payload. The SDK decodes the arguments of a signal before any handler sees them: one
 * that throws there fails the workflow task, and does so again at every attempt.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (...args) => defaultPayloadConverter.toPayload(...args),
  fromPayload<T>(payload: Payload, context?: SerializationContext, hint?: ConverterHint<T>): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload, context, hint);
    } catch {
      return UNREADABLE as T;
    }
  },
};
