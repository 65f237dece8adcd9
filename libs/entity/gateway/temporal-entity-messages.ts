import {
  type Client,
  type QueryRejectedError,
  QueryRejectCondition,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowClient,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import {
  COMMANDS_SIGNAL,
  type EntityInput,
  EXECUTE_UPDATE,
  type Settled,
} from '#libs/entity/protocol/entity-messages.js';
import { homeQueueOf, type Partitions } from '#libs/entity/protocol/task-queues.js';
import { BoundedMap } from '#libs/runtime/bounded-map.js';
import { BacklogWatch, type RunSize } from './backlog-watch.js';
import { EngineUnavailableError, EntityBusyError, OutcomeUnknownError } from './entity-gateway.js';
import { countInMessage, type MessageLimits } from './group-commit.js';
import { updateRunning } from './running-entity.js';

/** The most that one message to an entity may hold. */
export const MESSAGE_LIMITS: MessageLimits = { items: 100, bytes: 256 * 1024 };

/** How many milliseconds a call may take before Temporal counts as unavailable. */
const SIGNAL_DEADLINE = 5_000;
const QUERY_DEADLINE = 2_500;
const LOOK_DEADLINE = 1_000;
/**
 * How many milliseconds a command may wait for its entity without being durable. After that it is
 * sent as a signal.
 */
const UPDATE_DEADLINE = 10_000;
/** Short, so that another worker takes over the task of a killed worker within seconds. */
export const WORKFLOW_TASK_TIMEOUT = '3s' as const;

const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;

/** How many entities are remembered to be running. */
const KNOWN_ENTITIES = 10_000;

/** The search attribute with the category of an entity. */
export const ENTITY_TYPE = defineSearchAttributeKey('EntityType', 'KEYWORD');
const ENTITY_ID = defineSearchAttributeKey('EntityId', 'KEYWORD');

/** How many of these commands, counted from the first, fit into one message. At least one. */
export function firstMessage(envelopes: readonly CommandEnvelope[]): number {
  return countInMessage(envelopes, MESSAGE_LIMITS);
}

/**
 * Sends the messages that an entity workflow accepts. `signal` and `update` start a run if none is
 * open. The workflow id is the name of the stream, which also determines the type and the task
 * queue.
 */
export class TemporalEntityMessages {
  /** Queries only open runs: to query a closed one, a worker would replay its history. */
  private readonly asking: WorkflowClient;
  private readonly backlog = new BacklogWatch((stream) => this.sizeOf(stream));
  /** Entities that have answered an update, and so are likely to be running. */
  private readonly running = new BoundedMap<string, true>(KNOWN_ENTITIES, () => undefined);

  constructor(
    private readonly client: Client,
    private readonly partitions: Partitions = {},
  ) {
    const { options } = client.workflow;
    this.asking = new WorkflowClient({ ...options, queryRejectCondition: QueryRejectCondition.NOT_OPEN });
  }

  async signal(stream: string, envelopes: readonly CommandEnvelope[]): Promise<void> {
    if (envelopes.length > 0) await this.backlog.admit(stream);
    await this.within(SIGNAL_DEADLINE, () =>
      this.client.workflow.signalWithStart(workflowTypeOf(stream), {
        ...this.startOptions(stream),
        signal: COMMANDS_SIGNAL,
        signalArgs: [envelopes],
      }),
    );
  }

  /**
   * Sends commands and waits for their outcomes. Calls `accept` once the entity has accepted them.
   * Throws `EntityBusyError` only if they did not arrive. Throws `OutcomeUnknownError` if Temporal
   * took them and then refused to be polled. If Temporal answers but the entity does not do so in
   * time, throws the client's own error; the commands may or may not have arrived.
   */
  async update(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    accept: () => void = () => undefined,
  ): Promise<readonly Settled[]> {
    await this.backlog.admit(stream);
    let hasArrived = false;
    const arrive = (): void => void (hasArrived = true);
    const updated = this.within(UPDATE_DEADLINE, async () => {
      const isKnown = this.running.get(stream) !== undefined;
      const settled = isKnown && (await updateRunning(this.client, stream, envelopes, { arrive, accept }));
      return settled || this.updateWithStart(stream, envelopes, arrive, accept);
    });
    return updated.catch((error: unknown) => {
      // Temporal has taken the update and only refused to be polled for its outcome.
      const isUnknown = hasArrived && error instanceof EntityBusyError;
      throw isUnknown ? new OutcomeUnknownError(idsOf(envelopes), { cause: error }) : error;
    });
  }

  private async updateWithStart(
    stream: string,
    envelopes: readonly CommandEnvelope[],
    arrive: () => void,
    accept: () => void,
  ): Promise<readonly Settled[]> {
    const startWorkflowOperation = new WithStartWorkflowOperation(workflowTypeOf(stream), {
      ...this.startOptions(stream),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    void startWorkflowOperation.workflowHandle().then(arrive, () => undefined);
    const handle = await this.client.workflow.startUpdateWithStart<
      (input: EntityInput) => Promise<void>,
      Settled[],
      [readonly CommandEnvelope[]]
    >(EXECUTE_UPDATE, { args: [envelopes], waitForStage: 'ACCEPTED', startWorkflowOperation });
    accept();
    const settled = await handle.result();
    this.running.set(stream, true);
    return settled;
  }

  /** Signals an entity if it is running, otherwise does nothing. */
  async signalRunning(stream: string, name: string, ...args: unknown[]): Promise<void> {
    try {
      await this.within(SIGNAL_DEADLINE, () => this.client.workflow.getHandle(stream).signal(name, ...args));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /**
   * Resolves to the answer to a query, or undefined if the entity has no open run. Throws if no
   * worker answers in time.
   */
  query<Answer>(stream: string, name: string, ...args: unknown[]): Promise<Answer | undefined> {
    return this.queryBy(this.asking, stream, name, ...args);
  }

  /** As `query`, but the last run answers also if it has closed; a worker replays its history. */
  queryLastRun<Answer>(stream: string, name: string, ...args: unknown[]): Promise<Answer | undefined> {
    return this.queryBy(this.client.workflow, stream, name, ...args);
  }

  private async queryBy<Answer>(
    client: WorkflowClient,
    stream: string,
    name: string,
    ...args: unknown[]
  ): Promise<Answer | undefined> {
    try {
      return await this.client.withDeadline(Date.now() + QUERY_DEADLINE, () =>
        client.getHandle(stream).query<Answer, unknown[]>(name, ...args),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || isQueryRejected(error)) return undefined;
      throw new EngineUnavailableError(isAway(error) ? 'temporal' : 'worker', { cause: error });
    }
  }

  private async sizeOf(stream: string): Promise<RunSize | undefined> {
    const { status, historyLength, historySize } = await this.client.withDeadline(
      Date.now() + LOOK_DEADLINE,
      () => this.client.workflow.getHandle(stream).describe(),
    );
    return status.name === 'RUNNING' ? { events: historyLength, bytes: historySize ?? 0 } : undefined;
  }

  private startOptions(stream: string) {
    const { category = '', id = '' } = parseStreamName(stream) ?? {};
    const args: [EntityInput] = [{ stream }];
    return {
      workflowId: stream,
      taskQueue: homeQueueOf(stream, this.partitions),
      args,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      staticSummary: `${category} ${id}`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: ENTITY_TYPE, value: category },
        { key: ENTITY_ID, value: id },
      ]),
    };
  }

  private async within<T>(milliseconds: number, call: () => Promise<T>): Promise<T> {
    try {
      return await this.client.withDeadline(Date.now() + milliseconds, call);
    } catch (error) {
      // No worker took the update, or its outcome takes longer. Temporal itself may be fine.
      if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw error;
      const code = codeOf(error);
      if (code === RESOURCE_EXHAUSTED || isFull(error))
        throw new EntityBusyError('the entity has too many messages waiting');
      if (code === UNAVAILABLE || code === DEADLINE_EXCEEDED) {
        throw new EngineUnavailableError('temporal', { cause: error });
      }
      throw error;
    }
  }
}

function idsOf(envelopes: readonly CommandEnvelope[]): readonly string[] {
  return envelopes.map(({ commandId }) => commandId);
}

/** The workflow type is the category: each app registers its workflows by that name. */
function workflowTypeOf(stream: string): string {
  return parseStreamName(stream)?.category ?? stream;
}

function codeOf(error: unknown): number | undefined {
  const cause = error instanceof Error && 'cause' in error ? error.cause : undefined;
  const code = (cause as { code?: unknown } | undefined)?.code ?? (error as { code?: unknown }).code;
  return typeof code === 'number' ? code : undefined;
}

/** Whether the run has received as many signals as Temporal allows. */
function isFull(error: unknown): boolean {
  const { details } = ((error as Error).cause ?? {}) as { details?: unknown };
  return (
    codeOf(error) === INVALID_ARGUMENT && String(details).startsWith('exceeded workflow execution limit')
  );
}

/**
 * Whether Temporal itself does not answer. If only the deadline of a query passes, no worker took
 * it.
 */
function isAway(error: unknown): boolean {
  return error instanceof ServiceError && codeOf(error) === UNAVAILABLE;
}

function isQueryRejected(error: unknown): error is QueryRejectedError {
  return error instanceof Error && error.name === 'QueryRejectedError';
}
