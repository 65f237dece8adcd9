import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxySinks,
  setHandler,
  type Sinks,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import {
  COMMANDS_SIGNAL,
  type EntityInput,
  EXECUTE_UPDATE,
  type Fold,
  RECEIPT_QUERY,
  type RecentReceipt,
  REFOLD_SIGNAL,
  type Settled,
  STATE_QUERY,
} from '#libs/entity/protocol/entity-messages.js';
import { carriedIn, faultOfCommands, isRevision } from '#libs/entity/protocol/message-shapes.js';
import { currentTime } from './alarm.js';
import { loadEntity } from './entity-activities.proxy.js';
import type { EntityRun } from './entity-run.js';
import { turns } from './turns.js';

/**
 * Milliseconds. When a run is reset, a decision may be under way that appends its events
 * regardless.
 */
const LAST_ATTEMPT = 2_000;

const commandsSignal = defineSignal<[unknown]>(COMMANDS_SIGNAL);
const executeUpdate = defineUpdate<Settled[], [unknown]>(EXECUTE_UPDATE);
const refoldSignal = defineSignal<[unknown]>(REFOLD_SIGNAL);
const stateQuery = defineQuery<Fold | null>(STATE_QUERY);
const receiptQuery = defineQuery<RecentReceipt, [string]>(RECEIPT_QUERY);

/** What an entity reports to the process of its worker. */
export interface EntitySinks extends Sinks {
  readonly entity: {
    /** A signal was dropped because its arguments are malformed. */
    dropped(message: { readonly signal: string; readonly fault: string }): void;
  };
}

/**
 * Anyone with access to Temporal may send any message. A malformed signal is dropped and counted,
 * and a malformed update is rejected. An error thrown by a handler would fail the workflow task at
 * every attempt.
 */
export function setHandlers(run: EntityRun): void {
  const { dropped } = proxySinks<EntitySinks>().entity;
  setHandler(commandsSignal, (commands) => {
    run.messages += 1;
    const fault = faultOfCommands(commands);
    if (fault !== undefined) return dropped({ signal: COMMANDS_SIGNAL, fault });
    for (const envelope of commands as readonly CommandEnvelope[]) run.admit(envelope);
  });
  setHandler(
    executeUpdate,
    (commands) => {
      run.messages += 1;
      const envelopes = commands as readonly CommandEnvelope[];
      const isNew = envelopes.map((envelope) => run.admit(envelope));
      const outcomes = () =>
        envelopes.map(({ commandId }, index) => run.settled(commandId, isNew[index] === true));
      // A handler does not run in the scope of the workflow function.
      return CancellationScope.nonCancellable(() => Promise.all(outcomes()));
    },
    { validator: rejectMalformed },
  );
  setHandler(refoldSignal, (revision) => {
    if (isRevision(revision)) run.fold.requestRefold(revision);
    else dropped({ signal: REFOLD_SIGNAL, fault: 'it holds no revision' });
  });
  setHandler(stateQuery, () => run.fold.forQuery());
  setHandler(receiptQuery, (commandId) => run.mailbox.receiptOf(commandId));
}

function rejectMalformed(commands: unknown): void {
  const fault = faultOfCommands(commands);
  if (fault !== undefined) throw ApplicationFailure.nonRetryable(fault, 'MalformedMessage');
}

/**
 * Loads what the run starts from. After a reset, nothing that it knew is valid: the stream may have
 * grown in the meantime.
 */
export async function load(run: EntityRun, isReset: boolean): Promise<void> {
  const { stream } = run;
  const carried = isReset ? undefined : run.input.carried;
  if (isReset && run.mailbox.size > 0) await turns.later(sleep(LAST_ATTEMPT));
  const now = currentTime();
  // The activity is always called. It decides whether to refold, so a raised state version needs no
  // patch here.
  const loaded = await loadEntity({ stream, now, ...(carried && { carried: carried.fold }) });
  run.takeLoaded(loaded, carried, isReset ? now : undefined);
}

/**
 * The usable part of the input, which anyone may have written by hand. The stream comes from the
 * workflow id: with another one, two workflows could act for the same entity. Fails the workflow if
 * its id is not that of an entity of its type.
 */
export function checkedInput(input: unknown): EntityInput {
  const { workflowId: stream, workflowType } = workflowInfo();
  if (parseStreamName(stream)?.category !== workflowType) {
    throw ApplicationFailure.nonRetryable(`${stream} is not the id of an entity of type ${workflowType}`);
  }
  const { messagesPerRun } = (input ?? {}) as Partial<EntityInput>;
  const carried = carriedIn(input);
  const isLimit = Number.isSafeInteger(messagesPerRun) && (messagesPerRun as number) > 0;
  return { stream, ...(isLimit && { messagesPerRun }), ...(carried && { carried }) };
}
