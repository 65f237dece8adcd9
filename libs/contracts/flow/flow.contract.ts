import { z } from 'zod';
import { isOwnType } from '#libs/core/flow/flow.messages.js';
import type { EntityAccess, Policy } from '../access.js';
import { asker, flowAnswers } from '../answers.js';
import {
  type CommandContract,
  defineContract,
  type EntityContract,
  type Exact,
  type RejectionContract,
} from '../entity-contract.js';
import { recordedAt, starter, text } from '../fields.js';
import { notPersonal, personal } from '../personal-data.js';
import { flowCommands } from './flow.commands.js';
import { flowEvents } from './flow.events.js';
import {
  ending,
  execution,
  failure,
  json,
  keptInput,
  parent,
  place,
  stuck,
  unread,
  waits,
} from './flow.fields.js';
import { flowRejections } from './flow.rejections.js';

/** The status of a flow. */
export const flowStatus = z.enum(['running', 'cancelling', 'lost', 'completed', 'failed', 'cancelled']).meta({
  description:
    '`cancelling`: it was asked to stop, and undoes what it did; `lost`: its execution is gone, and an operator has to restart or cancel it',
});

/** A message that a flow accepts. Its name is that of the command that carries it. */
interface FlowMessage {
  readonly schema: z.ZodObject;
  readonly summary: string;
  /** Who may send it. If absent, only entities and flows do. */
  readonly allow?: Policy;
  readonly steers?: true;
}

type FlowMessages = Readonly<Record<string, FlowMessage>>;

/**
 * Who may do what with a flow, apart from its messages. Its owner is the caller that started it; a
 * flow that an entity started has none.
 */
interface FlowAccess extends EntityAccess {
  readonly start: Policy;
  readonly cancel: Policy;
}

/** The parts in which the contracts of flows differ. */
interface FlowParts<Input, Messages, Progress, Result> {
  readonly name: string;
  /** Its collection in URLs, such as `flows/card-payment`. */
  readonly path: string;
  readonly summary: string;
  readonly access: FlowAccess;
  readonly input: Input;
  /** By name, in Pascal case; no command of every flow may have the same name. */
  readonly messages: Messages;
  /** What the flow reports on its way; anything, if absent. */
  readonly progress?: Progress;
  readonly result: Result;
  readonly rejections?: Readonly<Record<string, RejectionContract>>;
}

/** The contract of any flow. */
export interface FlowContract extends EntityContract {
  readonly input: z.ZodObject;
  readonly messages: FlowMessages;
  readonly progress: z.ZodType;
  readonly result: z.ZodObject;
}

/** What a flow takes, receives, reports and returns, for its kind and its function. */
export type FlowTypesOf<C extends FlowContract> = {
  readonly input: Exact<z.output<C['input']>>;
  readonly messages: {
    readonly [Name in keyof C['messages']]: Exact<z.output<C['messages'][Name]['schema']>>;
  };
  readonly progress: z.output<C['progress']>;
  readonly result: Exact<z.output<C['result']>>;
};

/**
 * The contract of a flow: an entity with the commands, events and view that all flows share, and a
 * command for each message.
 */
export function flowContract<
  const Input extends z.ZodObject,
  const Messages extends FlowMessages,
  const Result extends z.ZodObject,
  const Progress extends z.ZodType = z.ZodUnknown,
>(parts: FlowParts<Input, Messages, Progress, Result>) {
  const { name, path, summary, input, messages, result, rejections = {} } = parts;
  const { read, feed, personal: seenBy } = parts.access;
  const progress = (parts.progress ?? personal(z.unknown())) as Progress;
  const contract = defineContract({
    name,
    plural: path,
    summary,
    access: { read, feed, ...(seenBy && { personal: seenBy }) },
    commands: {
      ...typedCommands({ ...parts, progress, steers: isSteered(messages) }),
      ...flowCommands,
      ...messageCommands(messages),
    },
    events: { ...typedEvents({ ...parts, progress }), ...flowEvents },
    view: z.strictObject({
      status: flowStatus,
      input: z.union([input, keptInput]),
      startedAt: recordedAt,
      endedAt: recordedAt.optional(),
      received: z.int().min(0).meta({ description: 'How many messages it has received' }),
      waits,
      progress: progress.optional(),
      callbacks: z
        .array(z.strictObject({ place, name: notPersonal(z.string()), progress: json }))
        .optional()
        .meta({
          description: 'The latest progress that was reported to open callback addresses; not stored',
        }),
      result: result.optional(),
      failure: failure.optional(),
      cancelReason: personal(z.string()).optional(),
      stuck: z
        .array(stuck.extend({ since: recordedAt }))
        .meta({ description: 'Compensations that failed and need an operator' }),
      parent: parent.optional(),
      startedBy: starter.optional(),
    }),
    rejections: { ...flowRejections, ...rejections },
  });
  return { ...contract, input, messages, progress, result };
}

/** What a flow takes, reports and returns. */
interface Typed<Input, Progress, Result> {
  readonly access: FlowAccess;
  readonly input: Input;
  readonly progress: Progress;
  readonly result: Result;
}

/** The commands that carry what only this flow takes, reports and returns. */
function typedCommands<Input extends z.ZodObject, Progress extends z.ZodType, Result extends z.ZodObject>({
  summary,
  access,
  input,
  progress,
  result,
  steers,
}: Typed<Input, Progress, Result> & { readonly summary: string; readonly steers: boolean }) {
  return {
    Start: { schema: input, summary, visibility: 'public', allow: access.start, creates: true },
    Cancel: {
      schema: z.strictObject({ reason: text(500) }),
      summary: 'Stop the flow, and undo what it did',
      visibility: 'public',
      allow: access.cancel,
      ...(steers && { steers: true as const }),
    },
    StartChild: {
      schema: z.strictObject({ input, parent }),
      summary: 'Start the flow for another, which is told how it ends',
      visibility: 'internal',
    },
    StartFor: {
      schema: z.strictObject({ input, answers: flowAnswers }),
      summary: 'Start the flow for an entity, which is answered when it ends',
      visibility: 'internal',
    },
    RecordProgress: {
      schema: z.strictObject({ value: progress }),
      summary: 'Record how far the flow is',
      visibility: 'internal',
    },
    Complete: {
      schema: ending.extend({ result }),
      summary: 'End with a result',
      visibility: 'internal',
    },
  } as const;
}

/** Whether somebody steers the flow while it runs. */
function isSteered(messages: FlowMessages): boolean {
  return Object.values(messages).some(({ steers }) => steers);
}

/** The commands that carry the messages. Throws `TypeError` for a name that another command has. */
function messageCommands<const Messages extends FlowMessages>(messages: Messages) {
  const commands = Object.entries(messages).map(([name, message]): [string, CommandContract] => {
    if (isOwnType(name)) throw new TypeError(`no message of a flow may be named ${name}`);
    const { allow, ...internal } = message;
    return [
      name,
      allow ? { ...internal, allow, visibility: 'public' } : { ...internal, visibility: 'internal' },
    ];
  });
  return Object.fromEntries(commands) as {
    readonly [Name in keyof Messages]: CommandContract<Messages[Name]['schema']>;
  };
}

function typedEvents<Input extends z.ZodObject, Progress extends z.ZodType, Result extends z.ZodObject>({
  input,
  progress,
  result,
}: Omit<Typed<Input, Progress, Result>, 'access'>) {
  const at = recordedAt;
  return {
    FlowStarted: {
      schema: z.strictObject({
        input: z.union([input, keptInput]),
        execution,
        parent: parent.optional(),
        asker: asker.optional(),
        startedBy: starter.optional(),
        at,
      }),
      summary: 'The flow has started',
      version: 1,
    },
    FlowProgressed: {
      schema: z.strictObject({ value: progress, at }),
      summary: 'The flow has reported how far it is',
      version: 1,
    },
    FlowCompleted: {
      schema: z.strictObject({ result, unread, at }),
      summary: 'The flow is completed',
      version: 1,
    },
  } as const;
}
