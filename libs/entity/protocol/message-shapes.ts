import type { CommandEnvelope } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { isTimestamp } from '#libs/core/timestamp.js';
import type { DecideResult, EffectResult, EntityInput, LoadResult } from './entity-messages.js';

/** Far above what our own senders put into one message: whatever is above did not come from them. */
const MAX_COMMANDS = 1_000;
/** Of a command. The edge takes 64 KB, and what a saga sends is bounded by the state that it comes from. */
const MAX_COMMAND_BYTES = 512 * 1024;
/** The edge takes 32 levels of JSON, which are data of a command. Deeper ones cannot be serialised everywhere. */
const MAX_DEPTH = 64;
const MAX_TEXT = 1_000;
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with the argument of a message that hands commands over; undefined when it can be taken. */
export function faultOfCommands(argument: unknown): string | undefined {
  if (!Array.isArray(argument)) return 'it holds no list of commands';
  if (argument.length > MAX_COMMANDS) return `it holds more than ${MAX_COMMANDS} commands`;
  const index = argument.findIndex((one) => !isEnvelope(one));
  return index < 0 ? undefined : `command ${index} is no command`;
}

/** Whether a value is a command on its way, in its form: what its data mean is for the rules to say. */
function isEnvelope(value: unknown): value is CommandEnvelope {
  if (!isObject(value) || !isShallow(value, MAX_DEPTH)) return false;
  const { commandId, keyId, type, data, actor, correlationId, causationId, sentAt } = value;
  const { traceparent, sender, expectedRevision } = value;
  const areNamed = [commandId, type].every((name) => isText(name) && name.length > 0);
  const areTexts = [actor, correlationId, causationId].every(isText);
  const areTextsIfThere = [keyId, traceparent, sender].every((one) => one === undefined || isText(one));
  const isSentAt = isText(sentAt) && isTimestamp(sentAt);
  const expects = expectedRevision === undefined || Number.isSafeInteger(expectedRevision);
  const isWhole = areNamed && areTexts && areTextsIfThere && isSentAt && expects && isObject(data);
  return isWhole && jsonBytes(value) <= MAX_COMMAND_BYTES;
}

/** Whether a value is a revision that a stream may have, -1 for an empty one. */
export function isRevision(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= -1;
}

/** What is carried from run to run, when it is that: anybody may start a workflow with anything. */
export function carriedIn(input: unknown): EntityInput['carried'] {
  const carried = isObject(input) ? input['carried'] : undefined;
  if (!isObject(carried) || !isFold(carried['fold'])) return undefined;
  const { ring, inbox, effects = [] } = carried;
  const isWhole = isRing(ring) && Array.isArray(inbox) && inbox.every(isEnvelope) && Array.isArray(effects);
  return isWhole ? (carried as unknown as EntityInput['carried']) : undefined;
}

/** Whether this is what `loadEntity` answers. A result may also be written by hand. */
export function isLoadResult(value: unknown): value is LoadResult {
  if (!isObject(value)) return false;
  const { fold, ring } = value;
  return (fold === undefined || isFold(fold)) && (ring === undefined || isRing(ring));
}

/** Whether this is what `decideAndAppend` answers. */
export function isDecideResult(value: unknown): value is DecideResult {
  if (!isObject(value)) return false;
  const { outcomes, events, revision, fold, withdrawn = [] } = value;
  const isWhole = Array.isArray(events) && isRevision(revision) && (fold === undefined || isFold(fold));
  const areTexts = Array.isArray(withdrawn) && withdrawn.every(isText);
  return isWhole && areTexts && Array.isArray(outcomes) && outcomes.every(isOutcome);
}

/** Whether this is what `runEffect` answers. */
export function isEffectResult(value: unknown): value is EffectResult {
  return isObject(value) && (value['reply'] === undefined || isEnvelope(value['reply']));
}

function isFold(value: unknown): boolean {
  return isObject(value) && isRevision(value['revision']) && isObject(value['state']);
}

function isRing(value: unknown): boolean {
  const entries = isObject(value) ? value['entries'] : undefined;
  return Array.isArray(entries) && entries.every((entry) => isObject(entry) && isOutcome(entry['outcome']));
}

function isOutcome(value: unknown): boolean {
  return isObject(value) && isText(value['commandId']) && isText(value['status']) && isText(value['at']);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** One line that a person may write: no control characters, no halves of a character. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT && !UNPRINTABLE.test(value);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}
