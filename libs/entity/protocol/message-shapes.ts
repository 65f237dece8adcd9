import type { CommandEnvelope } from '#libs/core/envelope.js';
import { jsonBytes } from '#libs/core/json-bytes.js';
import { isTimestamp } from '#libs/core/timestamp.js';
import type { DecideResult, EffectResult, EffectTry, LoadResult } from './activity-messages.js';
import type { EntityInput } from './entity-messages.js';

/** Far more than our own senders put into one message. */
const MAX_COMMANDS = 1_000;
/**
 * The limit for one command. The API accepts 64 KB, and commands of sagas are limited by the state
 * that they come from.
 */
const MAX_COMMAND_BYTES = 512 * 1024;
/**
 * The API accepts 32 levels of JSON in the data of a command. Deeper ones cannot be serialised
 * everywhere.
 */
const MAX_DEPTH = 64;
const MAX_TEXT = 1_000;
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a list of commands in a message; undefined if it is well-formed. */
export function faultOfCommands(argument: unknown): string | undefined {
  if (!Array.isArray(argument)) return 'it holds no list of commands';
  if (argument.length > MAX_COMMANDS) return `it holds more than ${MAX_COMMANDS} commands`;
  const index = argument.findIndex((one) => !isEnvelope(one));
  return index < 0 ? undefined : `command ${index} is no command`;
}

/** Whether a value has the shape of an envelope. Its data are checked by the rules. */
function isEnvelope(value: unknown): value is CommandEnvelope {
  if (!isObject(value) || !isShallow(value, MAX_DEPTH)) return false;
  const { commandId, keyId, type, data, actor, correlationId, causationId, sentAt } = value;
  const { traceparent, sender, onBehalfOf, expectedRevision, onlyFor, roles = [] } = value;
  const areNamed = [commandId, type].every((name) => isText(name) && name.length > 0);
  const areTexts = [actor, correlationId, causationId].every(isText);
  const areTextsIfThere = [keyId, traceparent, sender, onBehalfOf, onlyFor].every(
    (one) => one === undefined || isText(one),
  );
  const isSentAt = isText(sentAt) && isTimestamp(sentAt);
  const areRoles = Array.isArray(roles) && roles.every(isText);
  const expects = expectedRevision === undefined || Number.isSafeInteger(expectedRevision);
  const areWhole = areNamed && areTexts && areTextsIfThere && areRoles;
  return areWhole && isSentAt && expects && isObject(data) && jsonBytes(value) <= MAX_COMMAND_BYTES;
}

/** Whether a value is a revision of a stream; -1 for an empty one. */
export function isRevision(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= -1;
}

/**
 * The carried part of a workflow input, if it is well-formed: anyone may start a workflow with any
 * input.
 */
export function carriedIn(input: unknown): EntityInput['carried'] {
  const carried = isObject(input) ? input['carried'] : undefined;
  if (!isObject(carried) || !isFold(carried['fold'])) return undefined;
  const { ring, inbox, effects = [] } = carried;
  const isWhole = isRing(ring) && Array.isArray(inbox) && inbox.every(isEnvelope) && Array.isArray(effects);
  return isWhole ? (carried as unknown as EntityInput['carried']) : undefined;
}

/** Whether this is a result of `loadEntity`. An activity may also be completed by hand. */
export function isLoadResult(value: unknown): value is LoadResult {
  if (!isObject(value)) return false;
  const { fold, ring } = value;
  return (fold === undefined || isFold(fold)) && (ring === undefined || isRing(ring));
}

/** Whether this is a result of `decideAndAppend`. */
export function isDecideResult(value: unknown): value is DecideResult {
  if (!isObject(value)) return false;
  const { outcomes, events, revision, fold, withdrawn = [], moveTo = '' } = value;
  const isWhole = Array.isArray(events) && isRevision(revision) && (fold === undefined || isFold(fold));
  const areTexts = Array.isArray(withdrawn) && withdrawn.every(isText);
  return isWhole && areTexts && isText(moveTo) && Array.isArray(outcomes) && outcomes.every(isOutcome);
}

/** Whether this is a result of `runEffect`. */
export function isEffectResult(value: unknown): value is EffectResult {
  return isObject(value) && (value['reply'] === undefined || isEnvelope(value['reply']));
}

/** Whether this is a result of `tryEffect`. */
export function isEffectTry(value: unknown): value is EffectTry {
  return isObject(value) && (value['result'] === undefined || isEffectResult(value['result']));
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

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** One line of text without control characters and unpaired surrogates. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT && !UNPRINTABLE.test(value);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}
