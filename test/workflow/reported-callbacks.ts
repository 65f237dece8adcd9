import { ProblemError } from '#libs/core/problem-error.js';

/** The answer to a report to an address that is over. */
export const OVER = '410 CALLBACK_ADDRESS.OVER';
/** The answer to another end than the first. */
export const OTHER = '409 CALLBACK_ADDRESS.OTHER_END';

/** How a report is answered: `accepted`, or the status and the code of a problem. */
export async function answered(report: Promise<void>): Promise<string> {
  try {
    await report;
    return 'accepted';
  } catch (error) {
    if (error instanceof ProblemError) return `${error.status} ${error.code}`;
    throw error;
  }
}
