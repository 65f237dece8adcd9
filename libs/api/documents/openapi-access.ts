import { inWords, type Policy, ROLES } from '#contracts/access.js';
import type { PublicCommandContract } from '#contracts/entity-contract.js';
import type { Document } from './openapi-schemas.js';

/** Who may use an operation: a sentence for people, and the policy for programs. */
export function allowed(policy: Policy, description?: string): Document {
  const sentence = `Allowed for ${inWords(policy)}.`;
  return {
    description: description === undefined ? sentence : `${description}\n\n${sentence}`,
    security: [{ bearer: [] }, { apiKey: [] }],
    'x-allow': policy,
  };
}

/** Who may send a command, and who may name some of its fields. */
export function allowedCommand({ allow, allowFields = {} }: PublicCommandContract): Document {
  const fields = Object.entries(allowFields);
  if (fields.length === 0) return allowed(allow);
  const sentences = fields.map(([field, policy]) => `\`${field}\` is for ${inWords(policy)} only.`);
  return { ...allowed(allow, sentences.join(' ')), 'x-allow-fields': allowFields };
}

/** The credentials that operations accept. */
export const securitySchemes: Document = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: rolesInWords() },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  webhook: {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'HMAC-SHA256 with a secret of the provider, as the Standard Webhooks specification says',
  },
};

/** The security of an operation that providers sign. */
export const webhookSecurity: readonly Document[] = [{ webhook: [] }];

function rolesInWords(): string {
  const roles = Object.entries(ROLES).map(([role, purpose]) => `- \`${role}\`: ${purpose}`);
  return `The token names the tenant of its caller, and its roles:\n\n${roles.join('\n')}`;
}
