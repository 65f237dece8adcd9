import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { provider as providerName } from '#contracts/callback/callback.fields.js';
import { tenant } from '#contracts/fields.js';
import { ConfigError } from '#libs/api/http/read-config.js';
import { secretBytes } from '#libs/api/http/webhook-signature.js';
import { DEFAULT_TENANT } from '#libs/core/entity-id.js';

const VARIABLE = 'WEBHOOK_PROVIDERS';
/** A flow takes messages of 64 KB, in which the payload is not alone. */
const MAX_BYTES = 60 * 1024;
const MOST_SECRETS = 10;
const JSON_POINTER = /^(\/([^/~]|~[01])*)+$/;

const registration = z
  .strictObject({
    /** A file with a secret on each line, all of which are accepted. */
    secretsFile: z.string().min(1).optional(),
    /** Or the environment variable with such lines, or with secrets between commas. */
    secretsVariable: z.string().min(1).optional(),
    tenant: tenant.default(DEFAULT_TENANT),
    /** Where the correlation key stands in the body: a JSON pointer (RFC 6901). */
    key: z.string().regex(JSON_POINTER, 'must be a JSON pointer such as /data/id'),
    /** How far the time of a webhook may be from ours. */
    toleranceSeconds: z.int().min(1).max(86_400).default(300),
    maxBytes: z.int().min(1).max(MAX_BYTES).default(MAX_BYTES),
  })
  .refine(
    ({ secretsFile: file, secretsVariable: variable }) => (file === undefined) !== (variable === undefined),
    'needs either secretsFile or secretsVariable',
  );

const registrations = z.record(providerName, registration);

/** A provider whose webhooks are taken. */
export interface WebhookProvider {
  readonly name: string;
  readonly secrets: readonly Buffer[];
  readonly tenant: string;
  /** The parts of the pointer to the correlation key. */
  readonly key: readonly string[];
  readonly toleranceSeconds: number;
  readonly maxBytes: number;
}

/**
 * The providers that a configuration registers, by name. Throws `ConfigError` with the variable,
 * the provider and the field at fault, and never with a secret.
 */
export function webhookProviders(
  text: string,
  environment: NodeJS.ProcessEnv = process.env,
): ReadonlyMap<string, WebhookProvider> {
  const parsed = registrations.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fault(issue?.path.map(String) ?? [], issue?.message ?? 'is invalid');
  }
  return new Map(
    Object.entries(parsed.data).map(([name, given]) => {
      const { tenant: of, toleranceSeconds, maxBytes } = given;
      const [, ...key] = given.key.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
      const secrets = secretsOf(name, given, environment);
      return [name, { name, secrets, tenant: of, key, toleranceSeconds, maxBytes }];
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault([], 'is not JSON');
  }
}

function secretsOf(
  name: string,
  { secretsFile: file, secretsVariable: variable }: z.output<typeof registration>,
  environment: NodeJS.ProcessEnv,
): readonly Buffer[] {
  const field = [name, file === undefined ? 'secretsVariable' : 'secretsFile'];
  const where = file ?? variable ?? '';
  const text = file === undefined ? environment[where] : readText(field, file);
  const lines = (text ?? '').split(/[\s,]+/).filter((line) => line !== '');
  if (lines.length === 0) throw fault(field, `${where} has no secret`);
  if (lines.length > MOST_SECRETS) throw fault(field, `${where} has more than ${MOST_SECRETS} secrets`);
  return lines.map((line, index) => {
    const bytes = secretBytes(line);
    if (bytes) return bytes;
    throw fault(field, `secret ${index + 1} of ${where} is not whsec_ and 24 to 64 bytes in Base64`);
  });
}

function readText(field: readonly string[], file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw fault(field, `${file} cannot be read (${code})`);
  }
}

function fault(path: readonly string[], message: string): ConfigError {
  return new ConfigError(`${[VARIABLE, ...path].join('.')}: ${message}`);
}
