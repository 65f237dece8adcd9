import {
  type ConverterHint,
  defaultPayloadConverter,
  type PayloadConverter,
  type SerializationContext,
} from '@temporalio/common';

type Payload = Parameters<PayloadConverter['fromPayload']>[0];

/**
 * Stands for an argument that cannot be decoded. The checks of `message-shapes.ts` accept it as
 * nothing.
 */
const UNREADABLE = Symbol('unreadable');

/**
 * The default converter, but it never throws. The SDK decodes the arguments of a signal before any
 * handler sees them, and an error there would fail the workflow task at every attempt.
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
