import { ActivityCancelledError, ActivityNotFoundError, type Client } from '@temporalio/client';
import { v5 } from 'uuid';
import { type CallbackPlace, isPlaceOfStep, streamOfPlace } from '#libs/core/callback-place.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { CallbackOutcome } from '#libs/core/flow/flow.messages.js';
import type { JsonObject } from '#libs/core/json.js';
import { KEY_REUSED } from '#libs/core/key-reused.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { stepAtPlace } from '#libs/core/saga/saga.callbacks.js';
import type { SagaState } from '#libs/core/saga/saga.state.js';
import { toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import { commandIdUnder } from '#libs/entity/gateway/command-id.js';
import {
  EngineUnavailableError,
  type EntityGateway,
  onlyReceipt,
  type Receipt,
} from '#libs/entity/gateway/entity-gateway.js';
import { callbackProblems } from './callback-problems.js';
import type { CallbackTokens } from './callback-tokens.js';
import { standingOf, type WatchId, watchIdOf } from './watched-callbacks.js';

// A fixed namespace. A different one would turn every repeated end into another one.
const NAMESPACE = '2c0f6f0e-8a55-4c5b-9d8c-6f4f0a3f6c11';
const END = 'EndCallback';
const ENDS: readonly string[] = ['FlowCompleted', 'FlowFailed', 'FlowCancelled'];
const HEARTBEAT_DEADLINE = 5_000;
/** Shorter than the time that the front server gives a request. */
const WAIT_MILLISECONDS = 8_000;

interface Dependencies {
  readonly tokens: CallbackTokens | undefined;
  readonly gateway: Pick<EntityGateway, 'ask' | 'execute' | 'receipt' | 'events'>;
  readonly client: Client;
}

type Trace = Pick<CommandEnvelope, 'traceparent'>;

/**
 * Takes what is reported to callback addresses. Throws problems. A class, so that Nest can inject
 * it.
 */
export class CallbackReports {
  constructor(private readonly dependencies: Dependencies) {}

  /**
   * Progress is a heartbeat of the flow's callback: it leaves nothing in a stream or a history.
   * That of a step of a saga is shown nowhere.
   */
  async progress(token: string, value: JsonObject): Promise<void> {
    const address = this.addressOf(token);
    if (isOver(address)) throw over('the time for it has passed');
    if (!isPlaceOfStep(address.place)) return this.heartbeat(address, value);
    const saga = await this.dependencies.gateway.ask(streamOfPlace(address.place));
    const step = saga && stepAtPlace(saga as unknown as SagaState, address.place);
    if (step?.status !== 'running') throw over('the step does not wait for it any more');
  }

  private async heartbeat(address: CallbackPlace, value: JsonObject): Promise<void> {
    const { client } = this.dependencies;
    const watch = watchIdOf(address.place);
    try {
      await client.withDeadline(Date.now() + HEARTBEAT_DEADLINE, () =>
        client.activity.heartbeat(watch, value),
      );
    } catch (error) {
      if (error instanceof ActivityCancelledError) throw over('the flow does not wait for it any more');
      if (!(error instanceof ActivityNotFoundError))
        throw new EngineUnavailableError('temporal', { cause: error });
      if (await this.mayGoOn(watch)) throw new EngineUnavailableError('worker');
      throw over('the flow does not wait for it any more');
    }
  }

  /** The end. A repeat of the same gets the first outcome, however late. */
  async end(token: string, outcome: CallbackOutcome, trace: Trace): Promise<void> {
    const address = this.addressOf(token);
    const envelope = endOf(address, outcome, trace);
    const receipt = isOver(address)
      ? await this.first(address, envelope)
      : await this.send(address, envelope);
    if (receipt.status === 'accepted') return;
    if (receipt.status === 'pending') throw new EngineUnavailableError('worker');
    const { code, detail } = receipt;
    if (code === KEY_REUSED) throw new ProblemError(callbackProblems.otherEnd, 'the first one counts');
    throw over(detail);
  }

  /** Whether a callback that takes no heartbeats may take some later. */
  private async mayGoOn(watch: WatchId): Promise<boolean> {
    const standing = await standingOf(this.dependencies.client, watch);
    if (standing !== 'not running') return standing === 'starting';
    // A lost flow may be restarted; the last event of one that has ended says so.
    const last = { direction: 'backwards', limit: 1 } as const;
    const [event] = await this.dependencies.gateway.events(watch.workflowId, last);
    return event !== undefined && !ENDS.includes(event.type);
  }

  private async send(address: CallbackPlace, envelope: CommandEnvelope): Promise<Receipt> {
    const { gateway } = this.dependencies;
    return onlyReceipt(await gateway.execute(streamOfPlace(address.place), [envelope], WAIT_MILLISECONDS));
  }

  /** What an end was answered with before the address expired. */
  private async first(address: CallbackPlace, { commandId }: CommandEnvelope): Promise<Receipt> {
    const receipt = await this.dependencies.gateway.receipt(streamOfPlace(address.place), commandId);
    if (!receipt) throw over('the time for it has passed');
    return receipt;
  }

  private addressOf(token: string): CallbackPlace {
    const address = this.dependencies.tokens?.read(token);
    if (!address) throw new ProblemError(callbackProblems.unknown, 'the token is not one of ours');
    return address;
  }
}

/** All ends of an address have one key, whichever secret has signed it. */
function endOf({ place }: CallbackPlace, outcome: CallbackOutcome, trace: Trace): CommandEnvelope {
  const keyId = v5(`${place} end`, NAMESPACE);
  const data = { place, outcome };
  const commandId = commandIdUnder(keyId, END, data);
  const ids = { commandId, keyId, correlationId: commandId, causationId: commandId, ...trace };
  return { ...ids, type: END, data, actor: 'system:callback-address', sentAt: toTimestamp(Date.now()) };
}

function isOver({ until }: CallbackPlace): boolean {
  return toMilliseconds(until) <= Date.now();
}

function over(detail: string): ProblemError {
  return new ProblemError(callbackProblems.over, detail);
}
