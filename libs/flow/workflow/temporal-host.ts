import { CancellationScope, patched, sleep } from '@temporalio/workflow';
import type { FlowHost, Work } from '#libs/core/flow/flow-host.js';
import { turns } from '#libs/entity/workflow/turns.js';
import type { Trace } from '#libs/flow/protocol/flow-activities.js';
import { ask, call, send, watchCallback } from './flow-activities.proxy.js';
import { clock } from './flow-clock.js';
import { startSpread } from './started-spread.js';

/** What the host needs of the run. */
export interface HostedRun {
  readonly stream: string;
  readonly trace: Trace;
  /** The commands that have arrived and are not decided yet. */
  waitingCommands(): readonly string[];
  /** Whether these are decided, and what came of them is in the inbox. */
  areSettled(commandIds: readonly string[]): boolean;
}

/** Carries the function of a flow on Temporal. */
export function temporalHost(run: HostedRun): FlowHost {
  return {
    now: () => clock.now(),
    timer: (milliseconds) => cancellable(() => ring(clock.now() + milliseconds)),
    perform: ({ place, key, action, policy, addresses }) => {
      const more = { ...(key !== undefined && { key }), ...(addresses && { addresses }) };
      const step = { stream: run.stream, place, action, ...run.trace, ...more };
      return cancellable(() => (action.kind === 'call' ? call(step, policy) : send(step)));
    },
    watchCallback: (watch) => cancellable(() => watchCallback(watch)),
    spread: (request, report) => startSpread(run, request, report),
    ask: (stream) => cancellable(async () => (await ask({ stream })).state),
    arrived: () => run.waitingCommands(),
    settled: async () => {
      const arrived = run.waitingCommands();
      await turns.until(() => run.areSettled(arrived));
    },
    // The runtime has patches of its own.
    hasVersion: (name) => patched(`flow/${name}`),
  };
}

/** Returns at this time. */
function ring(at: number): Promise<void> {
  const rung = sleep(Math.max(1, at - Date.now()));
  return turns.areTaken ? turns.later(rung).then(() => clock.note(at)) : rung;
}

function cancellable<T>(work: () => Promise<T>): Work<T> {
  const scope = new CancellationScope();
  const result = scope.run(work);
  // Nobody listens to work that was cancelled.
  result.catch(() => undefined);
  return { result, cancel: () => scope.cancel() };
}
