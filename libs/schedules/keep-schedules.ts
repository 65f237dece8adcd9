import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import { type Background, inBackground } from '#libs/runtime/in-background.js';
import type { Logger } from '#libs/runtime/logger.js';
import { makeSchedule, pauseUndeclared, type ScheduleMaking } from './make-schedules.js';

/** Someone may have emptied Temporal, and during a rollout two releases declare different ones. */
const AGAIN_MILLISECONDS = 60_000;
const CALLS_MILLISECONDS = 10_000;

const unmade = new Gauge({
  name: 'perdure_schedules_unmade',
  help: 'Schedules that are declared and could not be made or updated in Temporal at the last attempt',
});

/**
 * Makes the schedules of a service in Temporal at its start, and once a minute again. Returns at
 * once, and waits for Temporal in the background.
 */
export function keepSchedules(options: ScheduleMaking & { readonly logger: Logger }): Background {
  return inBackground((signal) => keep(options, signal));
}

async function keep(making: ScheduleMaking & { readonly logger: Logger }, signal: AbortSignal) {
  const changes = new ChangeLog(making.logger);
  const pause = new GrowingPause(500, 10_000);
  while (!signal.aborted) {
    const failures = await makeAll(making);
    unmade.set(failures.length);
    const [first] = failures;
    if (first) {
      changes.failing('schedules cannot be made', first);
      await pause.wait(signal);
      continue;
    }
    changes.well();
    pause.reset();
    await sleep(AGAIN_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}

/** One that cannot be made does not keep back the others. */
async function makeAll(making: ScheduleMaking): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const attempt = async (make: () => Promise<void>) => {
    const deadline = Date.now() + CALLS_MILLISECONDS;
    await making.client.withDeadline(deadline, make).catch((error: unknown) => failures.push(error));
  };
  for (const schedule of making.schedules) await attempt(() => makeSchedule(making, schedule));
  await attempt(() => pauseUndeclared(making));
  return failures;
}
