import { SERVICES, type ServiceName } from './operations-client.js';
import { OperatorError } from './operator.errors.js';
import { printTrouble } from './print.js';

/**
 * Asks every service, and resolves to what those say that answer. One that does not has a line of its own and makes the exit
 * code 1: what is shown is not all. Throws {@link OperatorError} when none answers.
 */
export async function askEach<T>(ask: (service: ServiceName) => Promise<T>): Promise<readonly T[]> {
  const answers = await Promise.allSettled(SERVICES.map(ask));
  const failed = answers.flatMap((answer, index) => {
    if (answer.status === 'fulfilled') return [];
    if (!(answer.reason instanceof OperatorError)) throw answer.reason;
    return [{ service: SERVICES[index], message: answer.reason.message }];
  });
  if (failed.length === SERVICES.length) {
    throw new OperatorError([...new Set(failed.map(({ message }) => message))].join('\n'));
  }
  for (const { service, message } of failed) printTrouble(`${service} is missing: ${message}`);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}
