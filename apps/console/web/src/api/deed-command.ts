import { CLIENT_CODES, PerdureProblem } from '#libs/client/perdure-problem.js';
import { perdure } from './client.js';

interface Executed {
  readonly commandId: string;
  readonly revision?: number;
  readonly events?: readonly string[];
}

/** How long a dialog waits for the outcome of a command. */
const SECONDS = 10;

/**
 * Sends a command under the key of a dialog, to an entity of any tenant that the caller may reach.
 * Throws a problem unless it is accepted in time; the same again is then no second command.
 */
export async function sendFromDialog(
  path: string,
  body: object,
  { key }: { readonly key: string },
  tenant?: string,
): Promise<object> {
  const { commandId, revision, events } = await perdure.post<Executed>(path, body, {
    headers: { 'idempotency-key': key, prefer: `wait=${SECONDS}` },
    isSafe: true,
    query: { tenant },
  });
  if (revision !== undefined) return { revision, events, commandId };
  const detail = `Command ${commandId} is durable, and not decided yet. Do the same again to see its outcome.`;
  throw new PerdureProblem(0, { code: CLIENT_CODES.undecided, detail });
}
