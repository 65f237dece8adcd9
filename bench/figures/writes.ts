import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { BenchStack } from '../bench-stack.js';
import { type Entities, sendingRate } from '../entities.js';
import { temporalWrites } from '../temporal-writes.js';
import { type Effort, type Figure, type Result, scaled } from './figure.js';

const IN_FLIGHT = 32;
const MESSAGES = 4_000;
const REST_MILLISECONDS = 5_000;

/** P6: what a command leaves in Temporal. */
export const writesPerCommand: Figure = {
  id: 'p6',
  title: `what Temporal writes for a command to one account, ${IN_FLIGHT} in flight ÷ for a no-op signal`,
  measure: async (stack, effort) => {
    const ours = await written(stack, await stack.accounts(1), 'account-default.', effort);
    const theirs = await written(stack, await stack.bareWorkflows(1), '', effort);
    return [
      resultOf('writes', '≤ 0.15', ours, theirs, 0),
      resultOf('history events', '≤ 0.8', ours, theirs, 1),
    ];
  },
};

type Counted = readonly [writes: number, events: number];

function resultOf(
  name: string,
  goal: string,
  ours: readonly Counted[],
  theirs: readonly Counted[],
  column: 0 | 1,
): Result {
  const [our, their] = [ours, theirs].map((side) => side.map((counted) => counted[column]));
  return { name, goal, unit: '', ours: our ?? [], theirs: their ?? [] };
}

/** Per message: writes, without those of a stack at rest, and events of the history. */
async function written(
  { home, client }: BenchStack,
  entities: Entities,
  prefix: string,
  effort: Effort,
): Promise<readonly Counted[]> {
  const count = scaled(MESSAGES, effort);
  const writes = temporalWrites(home);
  const workflowId = `${prefix}${entities.names[0]}`;
  const rounds: Counted[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    const resting = await writes();
    await pause(REST_MILLISECONDS);
    const [writesBefore, runs] = [await writes(), await runsOf(client, workflowId)];
    const perMillisecond = (writesBefore - resting) / REST_MILLISECONDS;
    const began = performance.now();
    await sendingRate(entities, count, IN_FLIGHT);
    const byOthers = perMillisecond * (performance.now() - began);
    const written = (await writes()) - writesBefore - byOthers;
    const events = await eventsSince(client, workflowId, runs);
    rounds.push([written / count, events / count]);
  }
  return rounds;
}

/** The length of the history of the current run. */
async function runsOf(client: Client, workflowId: string): Promise<{ runId: string; length: number }> {
  const { runId, historyLength } = await client.workflow.getHandle(workflowId).describe();
  return { runId, length: historyLength };
}

/** The events of all runs since then. */
async function eventsSince(
  client: Client,
  workflowId: string,
  { runId: first, length }: { runId: string; length: number },
): Promise<number> {
  let [runId, events] = [first, -length];
  for (;;) {
    const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
    const history = (await handle.fetchHistory()).events ?? [];
    events += history.length;
    const next = history.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    if (next === undefined || next === null || next === '') return events;
    runId = next;
  }
}
