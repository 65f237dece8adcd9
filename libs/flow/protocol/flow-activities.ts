import type { Acting } from '#libs/core/acting.js';
import type { Action } from '#libs/core/effect.js';
import type { Message } from '#libs/core/flow/flow.js';
import type { InputBlob } from '#libs/core/flow/large-input.js';
import type { ActionOutcome, ActionRequest } from '#libs/core/flow/flow-host.js';
import type { JsonObject } from '#libs/core/json.js';

/** The ids under which everything that a flow does can be found, and on whose behalf it acts. */
export type Trace = Pick<StepRequest, 'correlationId' | 'onBehalfOf' | 'traceparent'>;

/** One step of a flow outside of it. All attempts carry the same ids. */
export interface StepRequest extends Pick<Acting, 'onBehalfOf'> {
  /** The stream of the flow. */
  readonly stream: string;
  readonly place: string;
  /** The idempotency key of a call, if its author sets one. */
  readonly key?: string;
  readonly action: Action;
  /** The callback addresses that the data of a call contain. */
  readonly addresses?: NonNullable<ActionRequest['addresses']>;
  readonly correlationId: string;
  readonly traceparent?: string;
}

/** When an activity ended: milliseconds by the clock of Temporal. Not of local activities. */
interface Ended {
  readonly at?: number;
}

/** The outcome of a step, and the place of the step that it belongs to. */
export type StepOutcome = ActionOutcome & { readonly place: string } & Ended;

export interface AskRequest {
  readonly stream: string;
}

export interface AskResult extends Ended {
  /** The stream of the entity that was asked. */
  readonly stream: string;
  /** Absent if the entity has no events. */
  readonly state?: JsonObject;
}

export interface InboxRequest {
  /** The stream of the flow. */
  readonly stream: string;
  /** The first revision to read. */
  readonly from: number;
  /** The last revision that the stream is known to have. */
  readonly to: number;
}

export interface InputRequest {
  /** The stream of the flow. */
  readonly stream: string;
  readonly blob: InputBlob;
}

/** An input that was kept as a blob, or why it cannot be had any more. */
export type InputOutcome =
  | { readonly status: 'read'; readonly input: JsonObject }
  | { readonly status: 'lost'; readonly detail: string };

/** Temporal accepts ids of 1,000 bytes. Places differ at their ends. */
const ID_LENGTH = 300;

/** The id of the activity at a place: a call, or an open callback. */
export function activityIdOf(place: string): string {
  return place.slice(-ID_LENGTH);
}

/** A page of the messages in a stream. */
export interface InboxPage {
  readonly messages: readonly Message[];
  /** The last revision that was read. If the stream has more, the next page begins after it. */
  readonly upTo: number;
}

/** The activities of the function of a flow. All may run any number of times. */
export interface FlowActivities {
  /**
   * Tries a step once. Fails with an error whose type is the code of the failure, if its outcome is
   * not known yet.
   */
  performStep(request: StepRequest): Promise<StepOutcome>;
  askEntity(request: AskRequest): Promise<AskResult>;
  readInbox(request: InboxRequest): Promise<InboxPage>;
  /** Reads the input of a flow, if it is too large for its stream. */
  readInput(request: InputRequest): Promise<InputOutcome>;
  /**
   * Represents an open callback. Once started, it needs no worker: reports of progress are its
   * heartbeats, and nothing completes it.
   */
  watchCallback(): Promise<never>;
}
