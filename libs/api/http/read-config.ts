import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';

/** An environment variable is invalid. The message names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The schema of an environment variable that holds a TCP port. */
export const portVariable = (byDefault: number) =>
  z.coerce.number().int().min(1).max(65_535).default(byDefault);

const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * The schema of a list of proxies: addresses, networks such as `10.0.0.0/8`, or Fastify's names.
 */
export const trustedProxies = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .refine((names) => names.every(isNetwork), 'must list addresses, networks, loopback or uniquelocal')
  .default(['loopback']);

function isNetwork(name: string): boolean {
  const [address = '', bits = '32', ...rest] = name.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return (
    NAMED_NETWORKS.includes(name) || (isIP(address) > 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128))
  );
}

/**
 * Reads the configuration of a process from its environment. Any variable may be given as
 * `<name>_FILE`, the path of a file with its value, so that secrets need not be in the environment.
 * Throws `ConfigError` with the name of the first invalid variable.
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse({ ...given, ...readFiles(Object.keys(schema.shape), given) });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(`${issue?.path.join('.') ?? 'the environment'}: ${issue?.message ?? 'is invalid'}`);
}

/** The values of the variables that are given as files. */
function readFiles(names: readonly string[], given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const values: NodeJS.ProcessEnv = {};
  for (const name of names) {
    const variable = `${name}_FILE`;
    const file = given[variable];
    if (file === undefined || names.includes(variable)) continue;
    if (given[name] !== undefined) throw new ConfigError(`${variable}: ${name} is set, too; set one of them`);
    values[name] = readValue(variable, file);
  }
  return values;
}

function readValue(variable: string, file: string): string {
  let value: string;
  try {
    value = readFileSync(file, 'utf8').replace(/(\r?\n)+$/, '');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${variable}: ${file} cannot be read (${code})`);
  }
  if (value === '') throw new ConfigError(`${variable}: ${file} is empty`);
  return value;
}
