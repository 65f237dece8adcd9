import type { CommandEnvelope } from '#libs/core/envelope.js';
import { traceOf } from './tracing/tracing.js';

/**
 * The fields that a line of our log may have, in addition to `level`, `time`, `pid`, `hostname`,
 * `name` and `msg`. They hold ids, names from code, codes and numbers, and no payloads.
 * docs/operations.md says what they mean.
 */
export const LOG_FIELDS = [
  // What a line is about, under the same names everywhere.
  'entity',
  'commandId',
  'trace',
  'err',
  'reason',
  'code',
  'count',
  // A command, its event or effect.
  'actor',
  'onBehalfOf',
  'effect',
  'signal',
  'fault',
  'sentAt',
  'now',
  'revision',
  // A request.
  'method',
  'route',
  'path',
  'operator',
  // Parts of a process, and where they are.
  'service',
  'component',
  'category',
  'relay',
  'group',
  'topic',
  'partition',
  'offset',
  'view',
  'views',
  'table',
  'index',
  'rebuild',
  'result',
  'port',
  'roles',
  'address',
  'namespace',
  'namespaceId',
  // In Temporal.
  'taskQueue',
  'runId',
  'workflowType',
  'activityType',
  'attempt',
  // Progress and settings.
  'from',
  'before',
  'after',
  'at',
  'expected',
  'seconds',
  'bytes',
  'retryInMilliseconds',
  'expires',
  'apiKey',
  'tenant',
  'overlapSeconds',
  'heal',
  'detail',
  // Of the sandboxes.
  'order',
  'payment',
] as const;

/** Settings are objects of strings. */
type Settings = Readonly<Record<string, string | undefined>>;
type LogValue = string | number | boolean | undefined | readonly string[] | Settings;

/** The fields of a line. */
export type LogFields = { readonly [Field in Exclude<(typeof LOG_FIELDS)[number], 'err'>]?: LogValue } & {
  /** An error. Its type, message, code and stack are logged, and nothing else that it holds. */
  readonly err?: unknown;
};

/** The ids of an entity, and of the command that a line is about, if there is one. */
export function about(
  entity: string,
  command?: Partial<Pick<CommandEnvelope, 'commandId' | 'traceparent'>>,
): Pick<LogFields, 'entity' | 'commandId' | 'trace'> {
  const trace = traceOf(command?.traceparent);
  return {
    entity,
    ...(command?.commandId !== undefined && { commandId: command.commandId }),
    ...(trace !== undefined && { trace }),
  };
}
