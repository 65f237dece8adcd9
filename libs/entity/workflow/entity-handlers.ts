import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxySinks,
  setHandler,
  type Sinks,
} from '@temporalio/workflow';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import {
  COMMANDS_SIGNAL,
  EXECUTE_UPDATE,
  type Fold,
  RECEIPT_QUERY,
  REFOLD_SIGNAL,
  type RecentReceipt,
  type Settled,
  STATE_QUERY,
} from '#libs/entity/protocol/entity-messages.js';
import { faultOfCommands, isRevision } from '#libs/entity/protocol/message-shapes.js';

const commandsSignal = defineSignal<[unknown]>(COMMANDS_SIGNAL);
const executeUpdate = defineUpdate<Settled[], [unknown]>(EXECUTE_UPDATE);
const refoldSignal = defineSignal<[unknown]>(REFOLD_SIGNAL);
const stateQuery = defineQuery<Fold | null>(STATE_QUERY);
const receiptQuery = defineQuery<RecentReceipt, [string]>(RECEIPT_QUERY);

/** What an entity tells its worker's process. */
export interface EntitySinks extends Sinks {
  readonly entity: {
    /** A signal was dropped, because its arguments are not what it takes. */
    dropped(message: { readonly signal: string; readonly fault: string }): void;
  };
}

/** Who is told and asked. */
export interface Recipient {
  /** A message has come, whatever it holds. */
  countMessage(): void;
  admit(envelope: CommandEnvelope): boolean;
  /** The outcome of a command, once there is one; `isNew` when this message has brought it. */
  settled(commandId: string, isNew: boolean): Promise<Settled>;
  refold(revision: number): void;
  state(): Fold | null;
  receiptOf(commandId: string): RecentReceipt;
}

/**
 * Sets the handlers of an entity. Anybody with access to Temporal may send it anything: a signal that cannot be understood is
 * dropped and counted, an update refused. What a handler throws would fail the workflow task, at every attempt.
 */
export function listen(entity: Recipient): void {
  const { dropped } = proxySinks<EntitySinks>().entity;
  setHandler(commandsSignal, (commands) => {
    entity.countMessage();
    const fault = faultOfCommands(commands);
    if (fault !== undefined) return dropped({ signal: COMMANDS_SIGNAL, fault });
    for (const envelope of commands as readonly CommandEnvelope[]) entity.admit(envelope);
  });
  setHandler(
    executeUpdate,
    (commands) => {
      entity.countMessage();
      const envelopes = commands as readonly CommandEnvelope[];
      const isNew = envelopes.map((envelope) => entity.admit(envelope));
      // A handler has a scope apart from that of the run.
      return CancellationScope.nonCancellable(() =>
        Promise.all(
          envelopes.map(({ commandId }, index) => entity.settled(commandId, isNew[index] === true)),
        ),
      );
    },
    { validator: refuseFaulty },
  );
  setHandler(refoldSignal, (revision) => {
    if (isRevision(revision)) entity.refold(revision);
    else dropped({ signal: REFOLD_SIGNAL, fault: 'it holds no revision' });
  });
  setHandler(stateQuery, () => entity.state());
  setHandler(receiptQuery, (commandId) => entity.receiptOf(commandId));
}

function refuseFaulty(commands: unknown): void {
  const fault = faultOfCommands(commands);
  if (fault !== undefined) throw ApplicationFailure.nonRetryable(fault, 'MalformedMessage');
}
