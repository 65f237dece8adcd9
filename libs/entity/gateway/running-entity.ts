import { randomUUID } from 'node:crypto';
import { type Client, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { EXECUTE_UPDATE, type Settled } from '#libs/entity/protocol/entity-messages.js';
import { payloadConverter } from '#libs/entity/protocol/payload-converter.js';

const ACCEPTED = 2;
const COMPLETED = 3;

const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;

type Payload = Parameters<typeof payloadConverter.fromPayload>[0];
type Request = Parameters<Client['workflowService']['updateWorkflowExecution']>[0];

/**
 * Sends commands to an entity that is running, and waits for their outcomes, in one call. Resolves
 * to undefined if no run is open. Calls `arrive` once Temporal has the commands, and `accept` once
 * the entity has accepted them; if the outcomes come first, it calls only `arrive`.
 *
 * The client of the SDK does the same, but does not tell whether the commands have arrived.
 */
export async function updateRunning(
  client: Client,
  stream: string,
  envelopes: readonly CommandEnvelope[],
  { arrive, accept }: { readonly arrive: () => void; readonly accept: () => void },
): Promise<readonly Settled[] | undefined> {
  const { namespace, identity } = client.options;
  const updateId = randomUUID();
  const request = {
    namespace,
    workflowExecution: { workflowId: stream },
    waitPolicy: { lifecycleStage: COMPLETED },
    request: {
      meta: { updateId, identity },
      input: {
        header: { fields: {} },
        name: EXECUTE_UPDATE,
        args: { payloads: [payloadConverter.toPayload(envelopes)] },
      },
    },
  } as Request;
  for (;;) {
    const response = await answered(() => client.workflowService.updateWorkflowExecution(request));
    if (!response) return undefined;
    arrive();
    const { outcome, updateRef } = response;
    const stage: number = response.stage;
    const [payload] = outcome?.success?.payloads ?? [];
    // The SDK fetches a payload that is not in Temporal.
    if (payload && !isReference(payload)) return payloadConverter.fromPayload<readonly Settled[]>(payload);
    if (stage < ACCEPTED) continue;
    accept();
    const runId = updateRef?.workflowExecution?.runId ?? undefined;
    return client.workflow.getHandle(stream, runId).getUpdateHandle<Settled[]>(updateId).result();
  }
}

/** Whether a payload says where the content is, because it is too large for Temporal. */
function isReference({ externalPayloads }: Payload): boolean {
  return (externalPayloads?.length ?? 0) > 0;
}

/** Undefined if there is no such run. */
async function answered<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === NOT_FOUND) return undefined;
    if (code === DEADLINE_EXCEEDED || code === CANCELLED) {
      throw new WorkflowUpdateRPCTimeoutOrCancelledError('the update has no outcome yet', {
        cause: error as Error,
      });
    }
    throw error;
  }
}
