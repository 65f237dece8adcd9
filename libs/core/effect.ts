import type { CallbackPlace } from './callback-place.js';
import { parseStreamName } from './entity-id.js';
import type { JsonObject } from './json.js';

/** A command for another entity of the same tenant. */
export interface SendAction {
  readonly kind: 'send';
  readonly to: { readonly category: string; readonly id: string };
  readonly command: { readonly type: string; readonly data: JsonObject };
  /** For the command, an entity that belongs to anybody but this caller does not exist. */
  readonly onlyFor?: string;
  /**
   * The target answers later, with a command of its own: a refusal is reported at once, but that
   * the command was accepted is no outcome. With `laterAfter`, this is so only if the command was
   * accepted with an event of that type, and otherwise it is done.
   */
  readonly answer?: 'later' | { readonly laterAfter: string };
  /**
   * The id of a command that asked for an answer later, which this command gives. Its own id is
   * made from that one, so a command is answered once.
   */
  readonly answerTo?: string;
}

/**
 * Sends a command to the entity with this stream; with `answerTo`, as the answer to that command.
 * Undefined if no entity can have the stream.
 */
export function sendTo(
  stream: string,
  command: SendAction['command'],
  answerTo?: string,
): SendAction | undefined {
  const { category, id } = parseStreamName(stream) ?? {};
  return category === undefined || id === undefined
    ? undefined
    : { kind: 'send', to: { category, id }, command, ...(answerTo !== undefined && { answerTo }) };
}

/** A call to something outside that the service knows by name. */
export interface CallAction {
  readonly kind: 'call';
  readonly call: string;
  readonly data: JsonObject;
  /**
   * As the action of a step of a saga: its end may be reported later, to a callback address that it
   * gets as `callbackUrl` in its data. It is so if its result is `{ later: true }`; with any other
   * result it is done.
   */
  readonly answer?: 'callback';
}

export type Action = SendAction | CallAction;

/**
 * Something that an event requests outside its entity. It is attempted until it succeeds or is
 * refused, always with the same id, so the receiver can recognise a repeat.
 */
export interface Effect {
  /** Unique among the effects of its event; `A–Z a–z 0–9 . _ ~ @ : -`. */
  readonly key: string;
  readonly action: Action;
  /** The internal command that reports the outcome; its data is an {@link EffectOutcome}. */
  readonly reply?: string;
  /**
   * Report a refusal only, because the entity learns of success in another way. If absent, both are
   * reported.
   */
  readonly replyOn?: 'refusal';
  /** Returned with the outcome: the purpose of the effect, if its key does not state it. */
  readonly echo?: string;
  /**
   * The key of earlier effects of this entity that are to be tried to their end first: what
   * withdraws a request must not arrive before it.
   */
  readonly follows?: string;
  /** The address that a call gets as `callbackUrl`. Its place begins after the stream. */
  readonly callback?: CallbackPlace;
}

type OfEffect = { readonly key: string; readonly attempts: number; readonly echo?: string };

/** The result of an effect. `refused`: no retry can succeed, for the reason in `code`. */
export type EffectOutcome = OfEffect &
  (
    | { readonly status: 'done'; readonly result: JsonObject }
    | { readonly status: 'refused'; readonly code: string; readonly detail: string }
  );
