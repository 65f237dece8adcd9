import { z } from 'zod';

/** An environment variable is invalid. The message names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The schema of an environment variable that holds a TCP port. */
export const portVariable = (byDefault: number) =>
  z.coerce.number().int().min(1).max(65_535).default(byDefault);

/**
 * Reads the configuration of a process from its environment. Throws `ConfigError` with the name of
 * the first invalid variable.
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(`${issue?.path.join('.') ?? 'the environment'}: ${issue?.message ?? 'is invalid'}`);
}
