import type { AnyDecider } from '#libs/core/decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import { effectsOf, isReplyTo, replyIdOf, withdrawnBy } from '#libs/entity/activities/pending-effects.js';
import type { PublishedEvent } from '#libs/core/published-event.js';
import { defineView } from '#libs/core/view-definition.js';

const tables = {
  commands: {
    name: 'commands_v1',
    key: ['stream', 'command_id'],
    owner: 'stream',
    unproven: ['partition', 'record_offset', 'relayed_at'],
    columns: {
      stream: 'text',
      command_id: 'text',
      key_id: 'text',
      revision: 'bigint',
      events: 'text',
      at: 'timestamptz',
      recorded_at: 'timestamptz?',
      partition: 'integer?',
      record_offset: 'bigint?',
      relayed_at: 'timestamptz?',
    },
  },
  duties: {
    name: 'duties_v1',
    key: ['stream'],
    owner: 'stream',
    columns: {
      stream: 'text',
      category: 'text',
      revision: 'bigint',
      due_at: 'timestamptz?',
      owed_since: 'timestamptz?',
    },
  },
} as const;

/** The tables that all categories share. */
export const COMMANDS_TABLE = `read_model.${tables.commands.name}`;
export const DUTIES_TABLE = `read_model.${tables.duties.name}`;

/** An effect that an entity owes, until it is told the outcome; one that success leaves without a reply, until its stream goes on. */
interface OwedEffect {
  readonly since: Timestamp;
  /** Command id of the reply. */
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
 * What is known of every entity of a category, whatever its rules: which commands it ever accepted, when it is due, and what
 * it owes. The outcomes that an entity forgets are found here, and so are entities that should have woken and did not.
 */
export function entityIndexView(decider: AnyDecider) {
  const scope = { column: 'stream', is: 'prefix', value: `${decider.name}-` } as const;
  return defineView<IndexState, PublishedEvent, typeof tables>({
    name: 'index',
    version: 1,
    category: decider.name,
    tables,
    scopes: { commands: scope, duties: scope },
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
      const hasDuty = duty.due_at !== null || duty.owed_since !== null;
      return {
        state: { entity, owed, command: event.commandId, events, hasDuty },
        rows: {
          commands: [commandOf(event, events)],
          // An entity that never has to do anything by itself has no row.
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
  const metadata = { $correlationId: event.correlationId };
  return effectsOf(decider, event.stream, { ...event, metadata }, entity).map(({ id, reply, replyOn }) => ({
    since: event.at,
    reply: reply === undefined || replyOn !== undefined ? null : replyIdOf(id),
  }));
}

function commandOf(event: PublishedEvent, events: readonly string[]) {
  const { stream, commandId, keyId = commandId, revision, at, recordedAt, published } = event;
  return {
    stream,
    command_id: commandId,
    key_id: keyId,
    revision,
    events: events.join(' '),
    at,
    recorded_at: recordedAt ?? null,
    partition: published?.partition ?? null,
    record_offset: published ? Number(published.offset) : null,
    relayed_at: published?.at ?? null,
  };
}

function dutyOf(
  decider: AnyDecider,
  { stream, category, revision }: PublishedEvent,
  entity: JsonObject,
  owed: IndexState['owed'],
) {
  const due_at = decider.deadline?.(entity)?.at ?? null;
  return { stream, category, revision, due_at, owed_since: owed[0]?.since ?? null };
}
