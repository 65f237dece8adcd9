import { setTimeout as sleep } from 'node:timers/promises';
import { EngineUnavailableError, type Receipt } from '#libs/entity/gateway/entity-gateway.js';
import type { CommandStages } from '#libs/entity/memory/command-stages.js';

/** The receipt of a command and the stages that it has reached. */
export interface Standing {
  readonly stream: string;
  readonly receipt: Receipt;
  readonly stages: CommandStages;
  readonly body: object;
}

const FIRST_PAUSE_MILLISECONDS = 25;
const LONGEST_PAUSE_MILLISECONDS = 1_000;

/**
 * Polls the progress of a command at growing intervals. While a server is unavailable, yields the
 * last known progress.
 */
export async function* standings(
  first: Standing,
  ask: () => Promise<Standing>,
  signal: AbortSignal,
): AsyncGenerator<Standing> {
  let last = first;
  let pause = FIRST_PAUSE_MILLISECONDS;
  while (!signal.aborted) {
    yield last;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MILLISECONDS);
    last = await ask().catch((error: unknown) => {
      if (!(error instanceof EngineUnavailableError)) throw error;
      return last;
    });
  }
}
