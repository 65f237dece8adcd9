import type { PoolConfig } from 'pg';
import { z } from 'zod';
import { type NamedFile, readTlsFiles } from '#libs/api/http/pem-files.js';
import { ConfigError } from '#libs/api/http/read-config.js';

const MODES = ['disable', 'require', 'verify-ca', 'verify-full'];
/** The value of `PGSSLROOTCERT` for the authorities that Node trusts. */
const SYSTEM = 'system';

/** The environment variables of the connections to PostgreSQL. Those of TLS are those of libpq. */
export const databaseVariables = {
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .default('postgres://perdure:perdure@127.0.0.1:5433/perdure'),
  PGSSLMODE: z.string().optional(),
  PGSSLROOTCERT: z.string().optional(),
  PGSSLCERT: z.string().optional(),
  PGSSLKEY: z.string().optional(),
};

type DatabaseConfig = z.output<z.ZodObject<typeof databaseVariables>>;

/** Parameters of the address that are read here, because `pg` reads some of them in unsafe ways. */
const READ_HERE = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'uselibpqcompat', 'sslnegotiation'];

/**
 * How to connect to PostgreSQL. A parameter of the address takes precedence over the variable. With
 * TLS, the server's certificate and name are always verified, in any mode. Throws `ConfigError`.
 */
export function databaseOf(config: DatabaseConfig): Required<Pick<PoolConfig, 'connectionString' | 'ssl'>> {
  const [address = '', ...rest] = config.DATABASE_URL.split('?');
  const query = rest.join('?');
  const given = new URLSearchParams(query);
  const others = query.split('&').filter((part) => !READ_HERE.includes(part.split('=')[0] ?? ''));
  const connectionString = others.join('&') === '' ? address : `${address}?${others.join('&')}`;
  if (!URL.canParse(connectionString.replace('@/', '@host/'))) {
    throw new ConfigError('DATABASE_URL: cannot be parsed; are special characters in it encoded?');
  }
  refuse(given, 'uselibpqcompat', 'certificates are always verified');
  refuse(given, 'sslnegotiation', 'set the variable PGSSLNEGOTIATION');
  const root = fileOf(config, given, 'sslrootcert', 'PGSSLROOTCERT');
  const files = {
    ca: root.file === SYSTEM ? { ...root, file: undefined } : root,
    cert: fileOf(config, given, 'sslcert', 'PGSSLCERT'),
    key: fileOf(config, given, 'sslkey', 'PGSSLKEY'),
  };
  const hasFiles = [root, files.cert, files.key].some(({ file }) => file !== undefined);
  if ((modeOf(config, given) ?? (hasFiles ? 'verify-full' : 'disable')) === 'disable') {
    return { connectionString, ssl: false };
  }
  return { connectionString, ssl: { ...readTlsFiles(files), rejectUnauthorized: true } };
}

function modeOf(config: DatabaseConfig, given: URLSearchParams): string | undefined {
  const ssl = given.get('ssl');
  const short =
    ssl === null ? undefined : { true: 'verify-full', 1: 'verify-full', false: 'disable', 0: 'disable' }[ssl];
  if (ssl !== null && short === undefined) throw new ConfigError('DATABASE_URL: ssl must be true or false');
  const inAddress = given.get('sslmode') ?? short;
  const mode = inAddress ?? config.PGSSLMODE;
  if (mode === undefined || MODES.includes(mode)) return mode;
  const variable = inAddress === undefined ? 'PGSSLMODE' : 'DATABASE_URL: sslmode';
  throw new ConfigError(`${variable}: must be one of ${MODES.join(', ')}`);
}

function fileOf(
  config: DatabaseConfig,
  given: URLSearchParams,
  parameter: string,
  variable: 'PGSSLROOTCERT' | 'PGSSLCERT' | 'PGSSLKEY',
): NamedFile {
  const file = given.get(parameter);
  return file === null
    ? { variable, file: config[variable] }
    : { variable: `DATABASE_URL: ${parameter}`, file };
}

function refuse(given: URLSearchParams, parameter: string, reason: string): void {
  if (given.has(parameter)) throw new ConfigError(`DATABASE_URL: ${parameter} is not supported: ${reason}`);
}
