import type { Client } from '@temporalio/client';
import {
  extstoreInboundOptions,
  visit,
  walkGetWorkflowExecutionHistoryResponse,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { actingIn } from '#libs/core/acting.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';
import {
  COMMANDS_SIGNAL,
  EXECUTE_UPDATE,
  type RecentReceipt,
} from '#libs/entity/protocol/entity-messages.js';
import { carriedIn, faultOfCommands, isDecideResult } from '#libs/entity/protocol/message-shapes.js';
import { payloadConverter } from '#libs/entity/protocol/payload-converter.js';
import { EngineUnavailableError } from './entity-gateway.js';

const DEADLINE_MILLISECONDS = 3_000;

type Told = Exclude<RecentReceipt, { status: 'unknown' }>;
type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];
type Payloads = Parameters<typeof payloadConverter.fromPayload>[0][] | null | undefined;

/**
 * Finds commands in the history of an entity's current run, for receipts while no worker runs.
 * Gives the outcome if the command was decided in this run or its outcome was carried into it;
 * `pending` if the command has arrived, and so is durable, but is not decided; undefined if the
 * history does not contain it.
 */
export async function findInHistory(
  client: Client,
  stream: string,
  commandIds: readonly string[],
): Promise<readonly (Told | undefined)[]> {
  const events = await fetchEvents(client, stream);
  const told = new Map<string, Told>();
  for (const envelope of events.flatMap(envelopesIn)) {
    const { commandId, sentAt } = envelope;
    told.set(commandId, { status: 'pending', ...actingIn(envelope), sentAt });
  }
  for (const outcome of events.flatMap(outcomesIn)) told.set(outcome.commandId, outcome);
  return commandIds.map((commandId) => told.get(commandId));
}

async function fetchEvents(client: Client, stream: string): Promise<readonly HistoryEvent[]> {
  const history = await fetchHistory(client, stream);
  const { externalStorage } = client.options.loadedDataConverter;
  // The SDK leaves references to large payloads in a history as they are.
  const fetched = extstoreInboundOptions(externalStorage);
  await visit({ history }, walkGetWorkflowExecutionHistoryResponse, fetched);
  return history.events ?? [];
}

async function fetchHistory(client: Client, stream: string): Promise<History> {
  try {
    return await client.withDeadline(Date.now() + DEADLINE_MILLISECONDS, () =>
      client.workflow.getHandle(stream).fetchHistory(),
    );
  } catch (error) {
    throw new EngineUnavailableError('temporal', { cause: error });
  }
}

/** Outcomes that were carried over from the previous run, and those that activities returned. */
function outcomesIn(event: HistoryEvent): readonly Outcome[] {
  const ring = carriedInto(event)?.ring.entries ?? [];
  const local = event.markerRecordedEventAttributes?.details?.['result']?.payloads;
  const remote = event.activityTaskCompletedEventAttributes?.result?.payloads;
  const result = decodeFirst(local ?? remote);
  const { outcomes, found = [] } = isDecideResult(result) ? result : { outcomes: [] };
  return [...ring.map(({ outcome }) => outcome), ...outcomes, ...found.map(({ outcome }) => outcome)];
}

/**
 * Commands that were carried over from the previous run, and those that arrived by signal or
 * update.
 */
function envelopesIn(event: HistoryEvent): readonly CommandEnvelope[] {
  const carried = carriedInto(event)?.inbox ?? [];
  const signaled = event.workflowExecutionSignaledEventAttributes;
  const updated =
    event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input ??
    event.workflowExecutionUpdateAdmittedEventAttributes?.request?.input;
  const bySignal = signaled?.signalName === COMMANDS_SIGNAL ? signaled.input?.payloads : undefined;
  const byUpdate = updated?.name === EXECUTE_UPDATE ? updated.args?.payloads : undefined;
  const sent = decodeFirst(bySignal ?? byUpdate);
  // Anyone may send anything to a workflow. The entity drops malformed messages too.
  const isUnderstood = faultOfCommands(sent) === undefined;
  return isUnderstood ? [...carried, ...(sent as readonly CommandEnvelope[])] : carried;
}

function carriedInto({ workflowExecutionStartedEventAttributes: started }: HistoryEvent) {
  return carriedIn(decodeFirst(started?.input?.payloads));
}

function decodeFirst(payloads: Payloads): unknown {
  const [first] = payloads ?? [];
  return first && payloadConverter.fromPayload(first);
}
