import { actingIn } from '#libs/core/acting.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import { effectsOf, isReplyTo, replyIdOf, withdrawnBy } from '#libs/entity/activities/pending-effects.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';

/** One row per accepted command. All categories share this table. */
const commands = viewTable('commands_v1', {
  key: ['stream', 'commandId'],
  owner: 'stream',
  unproven: ['partition', 'recordOffset', 'relayedAt'],
  indexes: ['btree (stream, key_id)', 'hash (command_id)'],
  row: {
    stream: 'id',
    commandId: 'id',
    keyId: 'id',
    revision: 'bigint',
    events: 'text',
    at: 'timestamptz',
    recordedAt: 'timestamptz?',
    partition: 'integer?',
    recordOffset: 'bigint?',
    relayedAt: 'timestamptz?',
  },
});

/**
 * One row per entity with something to do by itself: when it will act next, and since when it owes
 * an effect. Shared, too.
 */
const duties = viewTable('duties_v1', {
  key: ['stream'],
  owner: 'stream',
  indexes: [
    'btree (category, due_at) WHERE (due_at IS NOT NULL)',
    'btree (category, owed_since) WHERE (owed_since IS NOT NULL)',
  ],
  fillfactor: 80,
  row: {
    stream: 'id',
    category: 'text',
    revision: 'bigint',
    dueAt: 'timestamptz?',
    owedSince: 'timestamptz?',
  },
  // Written by the sweeper.
  otherColumns: [
    'woken_revision bigint NOT NULL DEFAULT -1',
    `woken_at timestamptz NOT NULL DEFAULT '-infinity'`,
    'wakings integer NOT NULL DEFAULT 0',
  ],
});

/**
 * One row per accepted command that another command caused, that was sent under a correlation id,
 * or that is in a trace. Shared, too. It has no owner: those of older events are missing.
 */
const origins = viewTable('origins_v1', {
  key: ['stream', 'commandId'],
  indexes: ['hash (correlation_id)', 'hash (trace_id)'],
  row: { stream: 'id', commandId: 'id', correlationId: 'id', traceId: 'id?', at: 'timestamptz' },
});

const tables = { commands, duties, origins };

export const COMMANDS_TABLE = `read_model.${commands.name}`;
export const ORIGINS_TABLE = `read_model.${origins.name}`;
export const DUTIES_TABLE = `read_model.${duties.name}`;

/**
 * An effect that an entity owes until its outcome is reported or, without a reply on success, until
 * the stream's next event.
 */
interface OwedEffect {
  readonly since: Timestamp;
  /** The command id of the reply. */
  readonly reply: string | null;
}

interface IndexState extends JsonObject {
  readonly entity: JsonObject;
  readonly owed: readonly (OwedEffect & JsonObject)[];
  /** The last command, and the types of its events so far. */
  readonly command: string;
  readonly events: readonly string[];
  readonly hasDuty: boolean;
}

/**
 * The index of a category's entities, whatever their rules: the commands that each ever accepted,
 * its next deadline, and the effects it owes. It answers for outcomes that an entity has forgotten,
 * and shows entities that should have woken.
 */
export function entityIndexView(decider: AnyDecider) {
  const scope = { column: 'stream', is: 'prefix', value: `${decider.name}-` } as const;
  return defineView<IndexState, PublishedEvent, typeof tables>({
    name: 'index',
    version: 1,
    category: decider.name,
    tables,
    scopes: { commands: scope, duties: scope, origins: scope },
    isProof: true,
    initialState: {
      entity: decider.initialState as JsonObject,
      owed: [],
      command: '',
      events: [],
      hasDuty: false,
    },
    project(before, event) {
      const { type, data } = event;
      const entity = decider.evolve(before.entity, { type, data }) as JsonObject;
      const owed = [...stillOwed(decider, before, event, entity), ...newlyOwed(decider, event, entity)];
      const events = event.commandId === before.command ? [...before.events, type] : [type];
      const duty = dutyOf(decider, event, entity, owed);
      const hasDuty = duty.dueAt !== null || duty.owedSince !== null;
      return {
        state: { entity, owed, command: event.commandId, events, hasDuty },
        rows: {
          commands: [commandOf(event, events)],
          ...originIn(event),
          // An entity without duties has no row.
          ...((hasDuty || before.hasDuty) && { duties: [duty] }),
        },
      };
    },
  });
}

function stillOwed(
  decider: AnyDecider,
  { owed }: IndexState,
  event: PublishedEvent,
  entity: JsonObject,
): IndexState['owed'] {
  const withdrawn = withdrawnBy(decider, event, entity);
  return owed.filter(({ reply }) => {
    const isTold = reply === null || reply === event.commandId;
    return !isTold && !withdrawn.some((key) => isReplyTo(key, reply));
  });
}

function newlyOwed(decider: AnyDecider, event: PublishedEvent, entity: JsonObject): IndexState['owed'] {
  const metadata = { ...actingIn(event), $correlationId: event.correlationId };
  return effectsOf(decider, event.stream, { ...event, metadata }, entity).map(({ id, reply, replyOn }) => ({
    since: event.at,
    reply: reply === undefined || replyOn !== undefined ? null : replyIdOf(id),
  }));
}

function commandOf(event: PublishedEvent, events: readonly string[]) {
  const { stream, commandId, keyId = commandId, revision, at, recordedAt, published } = event;
  return {
    stream,
    commandId,
    keyId,
    revision,
    events: events.join(' '),
    at,
    recordedAt,
    partition: published?.partition,
    recordOffset: published && Number(published.offset),
    relayedAt: published?.at,
  };
}

/** A command that begins a chain of its own is found by its id. */
function originIn({ stream, commandId, correlationId, traceparent, at }: PublishedEvent) {
  const traceId = traceparent?.split('-')[1];
  if (correlationId === commandId && traceId === undefined) return {};
  return { origins: [{ stream, commandId, correlationId, traceId, at }] };
}

function dutyOf(
  decider: AnyDecider,
  { stream, category, revision }: PublishedEvent,
  entity: JsonObject,
  owed: IndexState['owed'],
) {
  const dueAt = decider.deadline?.(entity)?.at ?? decider.awaits?.(entity) ?? null;
  return { stream, category, revision, dueAt, owedSince: owed[0]?.since ?? null };
}
