import { readFileSync } from 'node:fs';
import { z } from 'zod';

const user = z.strictObject({
  name: z.string().regex(/^[a-z_]{1,40}$/),
  about: z.string(),
  kind: z.enum(['user', 'service']).default('user'),
  tenant: z.string().default('default'),
  roles: z.array(z.string()).default([]),
});
const file = z.strictObject({ users: z.array(user).min(1) });

/** A user or service of the local issuer. The password or secret is the name. */
export type LocalUser = z.output<typeof user>;

/** The users in a file, by name. */
export function readUsers(path: string | URL): ReadonlyMap<string, LocalUser> {
  const { users } = file.parse(JSON.parse(readFileSync(path, 'utf8')));
  return new Map(users.map((one) => [one.name, one]));
}
