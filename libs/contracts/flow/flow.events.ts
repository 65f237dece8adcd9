import { z } from 'zod';
import type { EventContract } from '../entity-contract.js';
import { label, recordedAt, text } from '../fields.js';
import {
  callbackOutcome,
  compensation,
  execution,
  failure,
  json,
  noted,
  outcome,
  place,
  stuck,
  unread,
  waits,
} from './flow.fields.js';

const at = recordedAt;
const n = z.int().min(1).meta({ description: 'Its number among the messages of the flow' });

/** Events of every flow, in addition to those that depend on its input, progress and result. */
export const flowEvents = {
  FlowRestarted: {
    schema: z.strictObject({ execution, at }),
    summary: 'A lost flow runs again from its beginning',
    version: 1,
  },
  FlowLost: { schema: z.strictObject({ at }), summary: 'The execution of the flow was lost', version: 1 },
  MessageReceived: {
    schema: z.strictObject({ n, name: label(100), data: json, at }),
    summary: 'The flow has received a message',
    version: 1,
  },
  ChildEnded: {
    schema: z.strictObject({ n, place, outcome, at }),
    summary: 'A child of the flow has ended',
    version: 1,
  },
  CallbackEnded: {
    schema: z.strictObject({ n, place, outcome: callbackOutcome, at }),
    summary: 'The end of what a callback address was handed out for was reported',
    version: 1,
  },
  FlowWaiting: {
    schema: z.strictObject({ waits, at }),
    summary: 'What the flow waits for has changed',
    version: 1,
  },
  FlowCancelRequested: {
    schema: z.strictObject({ reason: text(500), at }),
    summary: 'The flow was asked to stop',
    version: 1,
  },
  FlowFailed: { schema: failure.extend({ unread, at }), summary: 'The flow has failed', version: 1 },
  FlowCancelled: {
    schema: z.strictObject({ reason: text(500), unread, at }),
    summary: 'The flow was cancelled',
    version: 1,
  },
  CompensationStuck: {
    schema: stuck.extend({ at }),
    summary: 'A compensation failed and needs an operator',
    version: 1,
  },
  CompensationRetried: {
    schema: z.strictObject({ name: compensation, at }),
    summary: 'A stuck compensation is retried',
    version: 1,
  },
  CompensationResolved: {
    schema: noted.extend({ at }),
    summary: 'An operator has resolved a stuck compensation',
    version: 1,
  },
} as const satisfies Record<string, EventContract>;
