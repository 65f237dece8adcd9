import { PerdureProblem } from '#libs/client/perdure-problem.js';
import type { CommandEntry } from './catalog.js';
import { perdure } from './client.js';
import type { Change } from './history.js';

/** What the answer to a command or to its dry run says. */
export interface OutcomeBody {
  readonly outcome?: string;
  readonly revision?: number;
  readonly commandId?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly events?: readonly (string | { readonly type: string; readonly data: unknown })[];
  readonly changes?: readonly Change[];
}

/** What came of a command or of its dry run. */
export interface Outcome {
  readonly isDryRun: boolean;
  readonly problem?: PerdureProblem;
  readonly body?: OutcomeBody;
}

/** A command to one entity. */
export interface Sending {
  readonly category: string;
  readonly command: CommandEntry;
  readonly id: string;
  readonly body: unknown;
  /** Only what it would do is asked for. */
  readonly isDryRun: boolean;
  /** The `Idempotency-Key`. */
  readonly key: string;
}

/** How long the console waits for the outcome of a command. */
const SECONDS = 10;

/** Sends a command, or tries it in a dry run. A rejection is an outcome, not an error. */
export async function sendCommand({ category, command, id, body, isDryRun, key }: Sending): Promise<Outcome> {
  // The category is known only at run time, so the service checks what is sent.
  const entity = perdure.entity(category as 'account', id);
  try {
    const answer = isDryRun
      ? await perdure.post<OutcomeBody>(`${entity.path}/${command.name}/dry-run`, body as object, {
          isSafe: true,
        })
      : await entity.execute(command.name as 'Close', body as Record<string, never>, {
          key,
          seconds: SECONDS,
        });
    return { isDryRun, body: answer };
  } catch (error) {
    if (error instanceof PerdureProblem) return { isDryRun, problem: error };
    throw error;
  }
}
