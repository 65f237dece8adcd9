import { relative } from 'node:path';
import type { ReadyStack } from './stack-state.js';

/**
 * The text shown once everything is ready: all addresses, three commands to try, and how to stop
 * it.
 */
export function welcome(
  { addresses, services, tokens }: ReadyStack,
  howToStop: 'Press Ctrl-C' | 'Run npm stop',
): string {
  const url = addresses.PERDURE_URL;
  const folder = tokens && (relative('.', tokens) || tokens);
  const as = (variable: string) => (tokens ? `-H "authorization: Bearer $${variable}" ` : '');
  const header = `-H 'content-type: application/json' -H 'prefer: wait=5'`;
  const ours = [
    `  Perdure      ${url}    (API: ${url}/docs)`,
    `  Sandboxes    orders ${addresses.FULFILMENT_URL}`,
    `               cards  ${addresses.CARD_PROVIDER_URL}    (GET /payments)`,
    `               mail   ${addresses.MAIL_SANDBOX_URL}    (${addresses.MAIL_URL})`,
    ...(tokens ? [`  Tokens       ${folder}/<user>, issued by ${addresses.AUTH_ISSUER}`] : []),
  ];
  const places = [
    ...(services ? ours : []),
    `  Temporal     ${addresses.TEMPORAL_ADDRESS}    (UI: ${addresses.TEMPORAL_UI_URL})`,
    `  Kafka        ${addresses.KAFKA_BROKERS}`,
    `  Event store  ${addresses.EVENTSTORE_URL}`,
    `  PostgreSQL   ${addresses.DATABASE_URL}`,
  ];
  const attempts = [
    ...(tokens ? [`  export TOKEN=$(cat ${folder}/alice) TELLER=$(cat ${folder}/tom)`] : []),
    `  curl ${url}/v1/accounts/alice/open ${as('TOKEN')}${header} -d '{"owner":"alice","currency":"USD"}'`,
    `  curl ${url}/v1/accounts/alice/deposit ${as('TELLER')}${header} -d '{"amount":1000}'`,
    `  curl ${url}/v1/accounts/alice ${as('TOKEN')}`.trimEnd(),
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
