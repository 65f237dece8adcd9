import { AlreadyRunningError, StartAbortedError } from './dev-stack.errors.js';
import { tokenFolder } from './local-tokens.js';
import { startDetached } from './start-detached.js';
import { terminalProgress, type Progress } from './progress.js';
import { report, reportedProgress } from './reported-progress.js';
import type { StackPart } from './start-stack.js';
import type { StackSettings } from './stack-settings.js';
import { readState } from './stack-state.js';
import { welcome } from './welcome.js';

/** npm forwards Ctrl-C, so one press may arrive twice. */
const echoMs = 1_000;
/** As of a program that Ctrl-C has ended. */
const interruptedCode = 130;

/** The options of `start` on the command line. */
export interface StartOptions {
  readonly detach?: boolean;
  readonly services: boolean;
  readonly only?: string;
}

/**
 * `npm start`: runs the stack until it is told to stop. With `detach`, returns once another process
 * has it ready.
 */
export async function runStart(settings: StackSettings, options: StartOptions): Promise<void> {
  const progress = reportedProgress(terminalProgress());
  try {
    if (options.detach) await startDetached(settings, options, progress);
    else await superviseUntilToldToStop(settings, options, progress);
  } catch (error) {
    if (error instanceof AlreadyRunningError) {
      const state = readState(settings.home);
      return progress.say(
        state?.services ? `${error.message} It is at ${state.addresses.PERDURE_URL}` : error.message,
      );
    }
    if (!(error instanceof StartAbortedError)) throw error;
    progress.say('Stopped.');
  } finally {
    progress.close();
  }
}

async function superviseUntilToldToStop(
  { root, home, runsIssuer }: StackSettings,
  options: StartOptions,
  progress: Progress,
): Promise<void> {
  const calledOff = new AbortController();
  const killed = new AbortController();
  const signals = { signal: calledOff.signal, killSignal: killed.signal };
  // An unknown name is refused there.
  const parts = options.only?.split(',') as StackPart[] | undefined;
  const services = options.services && parts === undefined;
  const { startStack } = await import('./start-stack.js');
  const starting = startStack({ root, home, services, progress, ...signals, ...(parts ? { parts } : {}) });
  const told = new Promise<void>((resolve) => {
    onStopSignals(
      () => {
        progress.say('Stopping. Press Ctrl-C again to end everything immediately.');
        calledOff.abort();
        resolve();
      },
      () => {
        killed.abort();
        progress.close();
        process.exit(interruptedCode);
      },
    );
  });
  const stack = await starting;
  progress.close();
  const tokens = services && runsIssuer ? { tokens: tokenFolder(home) } : {};
  const ready = { addresses: stack.addresses, services, ...tokens };
  report({ kind: 'ready', stack: ready });
  progress.say(welcome(ready, 'Press Ctrl-C'));
  // Nothing else keeps this process alive if all servers were found running.
  const alive = setInterval(() => undefined, 60_000);
  await told;
  clearInterval(alive);
  await stack.stop();
  progress.say('Stopped.');
}

function onStopSignals(first: () => void, again: () => void): void {
  let toldAt: number | undefined;
  const tell = () => {
    if (toldAt === undefined) {
      toldAt = Date.now();
      first();
    } else if (Date.now() - toldAt > echoMs) again();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, tell);
}
