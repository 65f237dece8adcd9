import { inWords, type Policy, ROLES } from '#contracts/access.js';
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

/** The credentials that operations accept. */
export const securitySchemes: Document = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: rolesInWords() },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
};

function rolesInWords(): string {
  const roles = Object.entries(ROLES).map(([role, purpose]) => `- \`${role}\`: ${purpose}`);
  return `The token names the tenant of its caller, and its roles:\n\n${roles.join('\n')}`;
}
