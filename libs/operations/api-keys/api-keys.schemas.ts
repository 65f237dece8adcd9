import { z } from 'zod';
import { type Policy, ROLES } from '#contracts/access.js';
import { recordedAt, text, timestamp } from '#contracts/fields.js';
import { secret } from '#contracts/personal-data.js';
import { API_KEY_ID } from '#libs/api-keys/api-key.js';

const MAX_OVERLAP_HOURS = 168;

const roles = z
  .array(z.enum(Object.keys(ROLES)))
  .max(Object.keys(ROLES).length)
  .meta({ description: 'What its holder may do', examples: [['teller']] });

/** Who may manage the API keys of the tenant. */
export const KEY_POLICY: Policy = ['role:security'];

/** `POST /v1/api-keys` */
export const createBody = z.strictObject({
  name: text(100).meta({ description: 'For people: what the key is for', examples: ['Nightly import'] }),
  roles: roles.transform((given) => [...new Set(given)]),
  expiresAt: timestamp.meta({ description: 'In the future, and within a year' }),
});

/** `…/rotate` */
export const rotateBody = z.strictObject({
  overlapHours: z
    .int()
    .min(0)
    .max(MAX_OVERLAP_HOURS)
    .default(24)
    .meta({ description: 'How much longer the secret before it counts' }),
  expiresAt: timestamp.optional().meta({ description: 'Extends or shortens the key. Default: as it was' }),
});

/** `…/revoke` */
export const revokeBody = z.strictObject({});

/** A key without its secret. */
export const listedKey = z.strictObject({
  id: z.string().regex(API_KEY_ID),
  name: z.string(),
  roles: z.array(z.string()),
  status: z.enum(['active', 'expired', 'revoked']),
  createdBy: z.string(),
  createdAt: recordedAt,
  expiresAt: recordedAt,
  rotatedBy: z.string().optional(),
  rotatedAt: recordedAt.optional(),
  previousUntil: recordedAt
    .optional()
    .meta({ description: 'Until when the secret before the last rotation counts' }),
  revokedBy: z.string().optional(),
  revokedAt: recordedAt.optional(),
  lastUsedAt: recordedAt.optional().meta({ description: 'To the minute' }),
});

/** A key with its secret. */
export const shownKey = z.strictObject({
  ...listedKey.shape,
  key: secret(z.string()).meta({ description: 'The key to send. It is shown this once' }),
});
