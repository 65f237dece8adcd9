import { z } from 'zod';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';
import type { Caller } from '#libs/identity/caller.js';

/** The environment variables that bind the topics of commands to one identity. */
export const commandsVariables = {
  /** Who sends the records that bring no credential. If absent, those records are refused. */
  COMMANDS_CALLER: z
    .string()
    .regex(/^service:[A-Za-z0-9._-]{1,100}$/, 'must be service: and a name')
    .optional(),
  COMMANDS_ROLES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((role) => role.trim()))
    .transform((roles) => roles.filter((role) => role !== '')),
  COMMANDS_TENANT: z
    .string()
    .regex(/^[A-Za-z0-9_]{1,48}$/, 'must be 1 to 48 of A–Z a–z 0–9 _')
    .default(DEFAULT_TENANT),
};

type CommandsConfig = z.output<z.ZodObject<typeof commandsVariables>>;

/** The identity that the topics of commands are bound to, if any. */
export function topicsCaller(config: CommandsConfig): Caller | undefined {
  const { COMMANDS_CALLER: id, COMMANDS_ROLES: roles, COMMANDS_TENANT: tenant } = config;
  return id === undefined ? undefined : { tenant, id, kind: 'service', roles };
}
