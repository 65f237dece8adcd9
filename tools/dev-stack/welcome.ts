import type { StackState } from './stack-state.js';

/**
 * The text shown once everything is ready: all addresses, three commands to try, and how to stop
 * it.
 */
export function welcome(
  { addresses, services }: Pick<StackState, 'addresses' | 'services'>,
  howToStop: 'Press Ctrl-C' | 'Run npm stop',
): string {
  const url = addresses.PERDURE_URL;
  const header = `-H 'content-type: application/json'`;
  const ours = [
    `  Perdure      ${url}    (API: ${url}/docs)`,
    `  Sandboxes    orders ${addresses.FULFILMENT_URL}`,
    `               cards  ${addresses.CARD_PROVIDER_URL}    (GET /payments)`,
    `               mail   ${addresses.MAIL_SANDBOX_URL}    (${addresses.MAIL_URL})`,
  ];
  const places = [
    ...(services ? ours : []),
    `  Temporal     ${addresses.TEMPORAL_ADDRESS}    (UI: ${addresses.TEMPORAL_UI_URL})`,
    `  Kafka        ${addresses.KAFKA_BROKERS}`,
    `  Event store  ${addresses.EVENTSTORE_URL}`,
    `  PostgreSQL   ${addresses.DATABASE_URL}`,
  ];
  const attempts = [
    `  curl -X POST ${url}/v1/accounts/alice/open ${header} -H 'Prefer: wait=5' -d '{"owner":"Alice","currency":"USD"}'`,
    `  curl -X POST ${url}/v1/accounts/alice/deposit ${header} -H 'Prefer: wait=5' -d '{"amount":1000}'`,
    `  curl ${url}/v1/accounts/alice`,
  ];
  return [
    '',
    'Perdure is ready.',
    ...places,
    ...(services ? ['', 'Try:', ...attempts] : []),
    '',
    `${howToStop} to stop it. The data is kept.`,
  ].join('\n');
}
