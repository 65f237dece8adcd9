import { SERVICE_NAMES, type ServiceName } from '#contracts/services.js';
import { OperatorError } from './operator.errors.js';
import { printTrouble } from './print.js';

/**
 * Asks every service and resolves to the answers. A service that does not answer is reported on a
 * line of its own and sets the exit code to 1. Throws {@link OperatorError} if none answers.
 */
export async function askEach<T>(ask: (service: ServiceName) => Promise<T>): Promise<readonly T[]> {
  const answers = await Promise.allSettled(SERVICE_NAMES.map(ask));
  const failed = answers.flatMap((answer, index) => {
    if (answer.status === 'fulfilled') return [];
    if (!(answer.reason instanceof OperatorError)) throw answer.reason;
    return [{ service: SERVICE_NAMES[index], message: answer.reason.message }];
  });
  if (failed.length === SERVICE_NAMES.length) {
    throw new OperatorError([...new Set(failed.map(({ message }) => message))].join('\n'));
  }
  for (const { service, message } of failed) printTrouble(`${service} is missing: ${message}`);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}
