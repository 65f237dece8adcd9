import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { CommandEnvelope } from '#libs/decider/envelope.js';
import { COMMANDS_SIGNAL, type EntityInput, EXECUTE_UPDATE } from '#libs/entity-workflow/entity-messages.js';
import { EngineUnavailableError } from './entity-gateway.js';

const DEADLINE_MILLISECONDS = 3_000;

/**
 * Whether a command stands in the history of the entity's current run: it is durable then, whether or not a worker has
 * seen it. For receipts while no worker runs.
 */
export async function isInHistory(client: Client, stream: string, commandId: string): Promise<boolean> {
  try {
    const { events } = await client.withDeadline(Date.now() + DEADLINE_MILLISECONDS, () =>
      client.workflow.getHandle(stream).fetchHistory(),
    );
    return (events ?? []).some((event) => {
      const started = event.workflowExecutionStartedEventAttributes;
      const signaled = event.workflowExecutionSignaledEventAttributes;
      const updated = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
      return (
        (started && isCarried(started.input?.payloads, commandId)) ||
        (signaled?.signalName === COMMANDS_SIGNAL && isAmong(signaled.input?.payloads, commandId)) ||
        (updated?.name === EXECUTE_UPDATE && isAmong(updated.args?.payloads, commandId))
      );
    });
  } catch (error) {
    throw new EngineUnavailableError('temporal', { cause: error });
  }
}

type Payloads = Parameters<typeof defaultPayloadConverter.fromPayload>[0][] | null | undefined;

function isAmong(payloads: Payloads, commandId: string): boolean {
  const envelopes = decodeFirst(payloads) as readonly CommandEnvelope[] | undefined;
  return envelopes?.some((envelope) => envelope.commandId === commandId) ?? false;
}

function isCarried(payloads: Payloads, commandId: string): boolean {
  const input = decodeFirst(payloads) as EntityInput | undefined;
  return input?.carried?.inbox.some((envelope) => envelope.commandId === commandId) ?? false;
}

function decodeFirst(payloads: Payloads): unknown {
  const [first] = payloads ?? [];
  return first && defaultPayloadConverter.fromPayload(first);
}
