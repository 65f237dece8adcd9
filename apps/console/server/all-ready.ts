import { askService } from './ask-service.js';
import type { Service } from './services.js';

/** Whether every service is ready, and the answer of each. */
export async function allReady(services: readonly Service[]) {
  const answers = await Promise.all(
    services.map(async (service) => {
      const answer = await askService(service, '/health/ready');
      return [service.name, answer?.body ?? { status: 'no answer' }, answer?.status === 200] as const;
    }),
  );
  const isReady = answers.every(([, , isUp]) => isUp);
  const components = Object.fromEntries(answers.map(([name, body]) => [name, body]));
  return { isReady, body: { status: isReady ? 'ok' : 'unavailable', services: components } };
}
