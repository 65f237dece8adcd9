import { callRetries, failedCall } from '#libs/core/flow/call-retries.js';
import type { ActionOutcome, ActionRequest, FlowHost, Work } from '#libs/core/flow/flow-host.js';
import type { JsonObject } from '#libs/core/json.js';
import { performStep, type StepDependencies } from '#libs/flow/activities/perform-step.js';
import type { StepRequest } from '#libs/flow/protocol/flow-activities.js';
import { withinOrFail } from '#libs/runtime/within.js';

/** Node turns a longer timer into one of a millisecond. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What the host uses outside. */
export interface MemorySteps extends StepDependencies {
  /** Throws `TypeError` if no attempt of the step can succeed, because something is missing. */
  check(step: StepRequest): void;
  ask(stream: string): Promise<JsonObject | undefined>;
}

/** Carries the function of a flow in plain memory. Its steps have the same keys as on Temporal. */
export function memoryHost(stream: string, correlationId: string, steps: MemorySteps): FlowHost {
  return {
    now: () => Date.now(),
    timer: (milliseconds) => cancellable((signal) => sleep(milliseconds, signal)),
    perform: ({ place, key, action, policy }) => {
      const step = { stream, place, action, correlationId, ...(key !== undefined && { key }) };
      return cancellable(async (signal) => {
        steps.check(step);
        return copyOf(await untilKnown(() => performStep(steps, step), { action, policy }, signal));
      });
    },
    watchCallback: () => {
      throw new TypeError('nothing outside can reach a flow in memory: it has no callback addresses');
    },
    spread: () => {
      throw new TypeError('a flow in memory has no leaves: a spread needs Temporal');
    },
    ask: (other) => cancellable(() => steps.ask(other)),
    // A command is decided as it arrives.
    arrived: () => [],
    settled: () => Promise.resolve(),
    hasVersion: () => true,
  };
}

/** A value as JSON carries it, so that neither side can change what the other has. */
export function copyOf<Value extends object>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/**
 * Tries a step until its outcome is known, or the policy of the call is exhausted. A command is
 * sent until it is accepted or rejected.
 */
async function untilKnown(
  attempt: () => Promise<ActionOutcome>,
  { action, policy }: Pick<ActionRequest, 'action'> & { policy: ActionRequest['policy'] | undefined },
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const retries = callRetries(action.kind === 'call' ? policy : {});
  const { maximumAttempts = Infinity, patience = Infinity } = retries;
  const end = Date.now() + patience;
  let pause = retries.initialInterval;
  for (let count = 1; ; count += 1) {
    signal.throwIfAborted();
    try {
      const time = Math.min(retries.attemptTimeout, end - Date.now(), LONGEST_TIMER);
      const late = new Error(`the attempt has not ended after ${time} ms`);
      return await withinOrFail(attempt(), time, late);
    } catch (error) {
      const { message, type } = error as Error & { readonly type?: string };
      const failed = failedCall(retries, type, message);
      const isOver = count >= maximumAttempts || Date.now() + pause >= end;
      if (failed.status === 'refused' || isOver) return failed;
    }
    await sleep(pause, signal);
    pause = Math.min(pause * retries.backoffCoefficient, retries.maximumInterval);
  }
}

/** Never ends early: Node may ring a millisecond before the time. */
async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + milliseconds;
  for (let left = milliseconds; left > 0; left = end - Date.now()) {
    await ring(Math.min(left, LONGEST_TIMER), signal);
  }
}

function ring(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const cancel = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', cancel, { once: true });
  });
}

function cancellable<Value>(work: (signal: AbortSignal) => Promise<Value>): Work<Value> {
  const controller = new AbortController();
  const result = work(controller.signal);
  // Nobody listens to work that was cancelled.
  result.catch(() => undefined);
  return { result, cancel: () => controller.abort() };
}
