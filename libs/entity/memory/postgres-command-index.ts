import type { Pool } from 'pg';
import type { CommandIndex, IndexedCommand } from '#libs/entity/activities/command-index.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';
import { COMMANDS_TABLE } from './entity-index.projection.js';

interface Found {
  readonly revision: string;
  readonly command_id: string | null;
  readonly key_id: string;
  readonly command_revision: string;
  readonly events: string;
  readonly at: Date;
  readonly recorded_at: Date | null;
  readonly partition: number | null;
  readonly record_offset: string | null;
  readonly relayed_at: Date | null;
}

/** The index that a view of {@link entityIndexView} keeps in PostgreSQL. */
export function createCommandIndex(pool: Pool, view: AnyView): CommandIndex {
  const key = viewKey(view);
  return {
    async find(stream, ids) {
      // One statement, one snapshot: the rows are at least as new as the revision.
      const { rows } = await pool.query<Found>({
        name: 'find commands',
        text: `SELECT entity.revision, command.command_id, command.key_id, command.revision AS command_revision,
                      command.events, command.at, command.recorded_at, command.partition, command.record_offset,
                      command.relayed_at
               FROM read_model.entities entity
               LEFT JOIN ${COMMANDS_TABLE} command ON command.stream = entity.stream
                 AND (command.command_id = ANY ($3) OR command.key_id = ANY ($3))
               WHERE entity.view = $1 AND entity.stream = $2`,
        values: [key, stream, ids],
      });
      const commands = rows.flatMap((row) =>
        row.command_id === null ? [] : [toCommand(row, row.command_id)],
      );
      return { revision: Number(rows[0]?.revision ?? -1), commands };
    },
  };
}

function toCommand(row: Found, commandId: string): IndexedCommand {
  const { recorded_at, partition, record_offset: offset, relayed_at } = row;
  const wasRelayed = partition !== null && offset !== null && relayed_at !== null;
  return {
    keyId: row.key_id,
    outcome: {
      status: 'accepted',
      commandId,
      revision: Number(row.command_revision),
      events: row.events.split(' '),
      at: row.at.toISOString(),
    },
    ...(recorded_at && { recordedAt: recorded_at.toISOString() }),
    ...(wasRelayed && { relayed: { partition, offset, at: relayed_at.toISOString() } }),
  };
}
