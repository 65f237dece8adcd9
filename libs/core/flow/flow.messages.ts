import type { Json, JsonObject } from '../json.js';
import type { Timestamp } from '../timestamp.js';

/** Something that a flow waits for. */
export type Wait = {
  /** Where in the function it waits; unique among the waits of a flow. */
  readonly place: string;
  readonly kind: 'sleep' | 'message' | 'child' | 'call' | 'callback';
  /** The name of the timer, the message, the call or the callback, or the id of the child. */
  readonly name: string;
  /** When it stops waiting, if nothing else ends the wait before. */
  readonly until?: Timestamp;
};

/** The flow that started another and is told how it ended. */
export type FlowParent = {
  readonly category: string;
  readonly id: string;
  /** Where in its function it waits for the child. */
  readonly place: string;
};

/** A command with which a flow answers. */
type FlowReply = { readonly type: string; readonly data: JsonObject };

/** The commands with which a flow answers the entity that has started it. */
export type FlowAnswers = {
  readonly completed: FlowReply;
  readonly failed: FlowReply;
  readonly cancelled: FlowReply;
};

/** The entity that a flow answers when it ends, and the id of its command. */
export type FlowAsker = {
  readonly stream: string;
  readonly command: string;
  readonly answers: FlowAnswers;
};

/** How a child ended. */
export type ChildOutcome =
  | { readonly status: 'completed'; readonly result: JsonObject }
  | { readonly status: 'failed' | 'cancelled'; readonly code: string; readonly detail: string };

/** What was reported to a callback address in the end. */
export type CallbackOutcome =
  | { readonly status: 'completed'; readonly result: JsonObject }
  | { readonly status: 'failed'; readonly code: string; readonly detail: string };

/** Why a flow or one of its compensations failed. */
export type FlowFailure = {
  readonly code: string;
  readonly detail: string;
};

/** The numbers of messages that the function had not consumed when the flow ended. */
type Unread = {
  readonly unread: readonly number[];
};

/** `seen`: how many the flow had received by then. Those that came after are unread, too. */
type Ending = Unread & { readonly seen: number };

type StuckCompensation = FlowFailure & { readonly name: string };

type Nothing = Record<string, never>;

/** The commands that every flow has, with their data. A flow also accepts its messages. */
interface FlowCommands {
  readonly Start: JsonObject;
  readonly Cancel: { readonly reason: string };
  readonly Restart: Nothing;
  readonly RetryCompensation: { readonly name: string };
  readonly ResolveCompensation: { readonly name: string; readonly note: string };
  readonly StartChild: { readonly input: JsonObject; readonly parent: FlowParent };
  readonly StartFor: { readonly input: JsonObject; readonly answers: FlowAnswers };
  readonly ChildEnded: { readonly place: string; readonly outcome: ChildOutcome };
  readonly EndCallback: { readonly place: string; readonly outcome: CallbackOutcome };
  readonly RecordWaits: { readonly waits: readonly Wait[] };
  readonly RecordProgress: { readonly value: Json };
  readonly RecordStuckCompensation: StuckCompensation;
  readonly Complete: Ending & { readonly result: JsonObject };
  readonly Fail: Ending & FlowFailure;
  readonly ConfirmCancelled: Ending;
  readonly MarkLost: Nothing;
}

/** What the runtime of a flow knows when it decides a command. Rules see it as `command.host`. */
export interface FlowHostFacts {
  /** Identifies the chain of runs that executes the function: their first run id. */
  readonly execution: string;
  /**
   * How many messages and ends of children and callbacks the function has consumed since it
   * (re)started.
   */
  readonly read: number;
  /** Their size, as `inboxBytes` measures it. */
  readonly readBytes: number;
  /** Of a command that ends a callback: whether it is open. Absent if this is not known yet. */
  readonly callback?: 'open' | 'over';
}

interface OfCommand {
  readonly at: Timestamp;
  readonly id?: string;
  readonly entityId?: string;
  readonly sender?: string;
  readonly actor?: string;
  readonly host?: FlowHostFacts;
}

/** A command that every flow has, as the rules see it. */
export type OwnCommand = {
  readonly [Type in keyof FlowCommands]: OfCommand & {
    readonly type: Type;
    readonly data: FlowCommands[Type];
  };
}[keyof FlowCommands];

/** A message: its name is the type of the command. */
export type MessageCommand = OfCommand & { readonly type: string; readonly data: JsonObject };

/** A command of a flow. */
export type FlowCommand = OwnCommand | MessageCommand;

const OWN: { readonly [Type in keyof FlowCommands]: true } = {
  Start: true,
  Cancel: true,
  Restart: true,
  RetryCompensation: true,
  ResolveCompensation: true,
  StartChild: true,
  StartFor: true,
  ChildEnded: true,
  EndCallback: true,
  RecordWaits: true,
  RecordProgress: true,
  RecordStuckCompensation: true,
  Complete: true,
  Fail: true,
  ConfirmCancelled: true,
  MarkLost: true,
};

/** Whether every flow has a command of this type. No message may have its name. */
export function isOwnType(type: string): type is OwnCommand['type'] {
  return Object.hasOwn(OWN, type);
}

/** Whether a command is one that every flow has, and not a message. */
export function isOwnCommand(command: FlowCommand): command is OwnCommand {
  return isOwnType(command.type);
}

type At = { readonly at: Timestamp };

/** The events of a flow, with their data. */
interface FlowEvents {
  readonly FlowStarted: At & {
    readonly input: JsonObject;
    readonly execution: string;
    readonly parent?: FlowParent;
    readonly asker?: FlowAsker;
    readonly startedBy?: string;
  };
  readonly FlowRestarted: At & { readonly execution: string };
  readonly FlowLost: At;
  readonly MessageReceived: At & { readonly n: number; readonly name: string; readonly data: JsonObject };
  readonly ChildEnded: At & { readonly n: number; readonly place: string; readonly outcome: ChildOutcome };
  readonly CallbackEnded: At & {
    readonly n: number;
    readonly place: string;
    readonly outcome: CallbackOutcome;
  };
  readonly FlowWaiting: At & { readonly waits: readonly Wait[] };
  readonly FlowProgressed: At & { readonly value: Json };
  readonly FlowCancelRequested: At & { readonly reason: string };
  readonly FlowCompleted: At & Unread & { readonly result: JsonObject };
  readonly FlowFailed: At & Unread & FlowFailure;
  readonly FlowCancelled: At & Unread & { readonly reason: string };
  readonly CompensationStuck: At & StuckCompensation;
  readonly CompensationRetried: At & { readonly name: string };
  readonly CompensationResolved: At & { readonly name: string; readonly note: string };
}

/**
 * An event of a flow. Messages and the ends of children and callbacks are numbered together, from
 * 1.
 */
export type FlowEvent = {
  readonly [Type in keyof FlowEvents]: { readonly type: Type; readonly data: FlowEvents[Type] };
}[keyof FlowEvents];
