import { createPerdureClient } from '#libs/client/client.js';
import { PerdureProblem } from '#libs/client/perdure-problem.js';
import { currentToken } from './session.js';

/** The API, called as the chosen user. Panels retry while a service is unavailable. */
export const perdure = createPerdureClient({ url: '', token: currentToken, retries: { attempts: 2 } });

const AWAY: readonly number[] = [0, 502, 503, 504];

/** Whether a service, or something that it needs, does not answer. */
export function isAway(error: unknown): boolean {
  return error instanceof PerdureProblem && AWAY.includes(error.status);
}
