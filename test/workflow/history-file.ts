import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryAndWorkflowId } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { replayed } from '../support/replayed-runs.js';

const { History } = temporal.api.history.v1;
const FOLDER = 'test/workflow/histories';

/** Writes a history, one event per line, without details of the machine it was recorded on. */
export function writeHistory(name: string, history: temporal.api.history.v1.IHistory, folder = FOLDER): void {
  const options = { longs: String, enums: String, bytes: String };
  const { events = [] } = History.toObject(History.fromObject(history), options) as { events?: unknown[] };
  const text = `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`
    .replaceAll(/"identity":"[^"]*"/g, '"identity":"test"')
    .replaceAll(/"stackTrace":"(?:[^"\\]|\\.)*"/g, '"stackTrace":""');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), text);
}

/** A recorded history, with the id of its workflow. */
export interface RecordedHistory extends HistoryAndWorkflowId {
  readonly name: string;
}

/** The recorded histories by name, optionally changed. */
export function readHistories(
  isWanted: (name: string) => boolean = () => true,
  change: (text: string) => string = (text) => text,
  folder = FOLDER,
): readonly RecordedHistory[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const names = files.map((file) => file.replace('.json', ''));
  return names
    .filter(isWanted)
    .sort()
    .map((name) => {
      const text = change(readFileSync(join(folder, `${name}.json`), 'utf8'));
      const history = History.fromObject(JSON.parse(text) as Record<string, unknown>);
      return { name, workflowId: streamIn(history), history };
    });
}

/** Replays recorded histories, and returns what came of each by name. */
export async function replayedByName(
  codePath: string,
  histories: readonly RecordedHistory[],
): Promise<Readonly<Record<string, string>>> {
  const names = new Map(histories.map(({ workflowId, name }) => [workflowId, name]));
  const results = Object.entries(await replayed(codePath, histories));
  return Object.fromEntries(results.map(([id, result]) => [names.get(id) ?? id, result]));
}

function streamIn({ events }: temporal.api.history.v1.IHistory): string {
  const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return defaultPayloadConverter.fromPayload<EntityInput>(input ?? {}).stream;
}
