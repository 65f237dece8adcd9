import { UnavailableError } from '#libs/core/problems.js';
import { within } from '#libs/runtime/within.js';
import { answerIn, assertPostgresAnswers } from '#libs/api/http/answer-in-time.js';
import type { StateProofDependencies } from '../proof/state-proof.dependencies.js';

const SILENCE_MILLISECONDS = 10_000;
const PROBE_MILLISECONDS = 5_000;

type Servers = Pick<StateProofDependencies, 'pool' | 'store' | 'kafka'>;

/**
 * Yields what the work yields, as long as the servers answer. When nothing has come for a while,
 * they are checked, and the first that does not answer ends the iteration with `UnavailableError`.
 * Clients do not notice a frozen server and would wait forever. Slow work continues.
 */
export async function* whileReachable<T>(
  work: AsyncGenerator<T>,
  servers: Servers,
  silenceMilliseconds = SILENCE_MILLISECONDS,
): AsyncGenerator<T> {
  try {
    for (;;) {
      const next = work.next();
      let result = await within(next, silenceMilliseconds, () => undefined);
      while (!result) {
        await assertReachable(servers);
        result = await within(next, silenceMilliseconds, () => undefined);
      }
      if (result.done) return;
      yield result.value;
    }
  } finally {
    // Not awaited: it ends only when what it is waiting for has ended.
    work.return(undefined).catch(() => undefined);
  }
}

async function assertReachable({ pool, store, kafka }: Servers): Promise<void> {
  const isThere = { 'event-store': store.isReachable(), kafka: kafka.isReachable() };
  await assertPostgresAnswers(pool);
  for (const engine of ['event-store', 'kafka'] as const) {
    if (!(await answerIn(PROBE_MILLISECONDS, engine, isThere[engine]))) throw new UnavailableError(engine);
  }
}
