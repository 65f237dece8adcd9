import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type PerService, perService, variableOf } from '#contracts/services.js';
import { DevStackError } from './dev-stack.errors.js';
import { freePorts } from './port.js';

const unsetWhenEmpty = (value: unknown) => (value === '' ? undefined : value);
const error = 'a port is a number from 1 to 65535';
const portNumber = z.coerce.number({ error }).int({ error }).min(1, { error }).max(65_535, { error });
const port = (byDefault: number) => z.preprocess(unsetWhenEmpty, portNumber.default(byDefault));
const optionalPort = z.preprocess(unsetWhenEmpty, portNumber.optional());
const text = z.preprocess(unsetWhenEmpty, z.string().optional());

const variables = z.object({
  PERDURE_HOME: text,
  PERDURE_CACHE: text,
  XDG_CACHE_HOME: text,
  PERDURE_PORT: port(3000),
  ...perService('PORT', (service) => port(service.port)),
  SANDBOX_PORT: port(3009),
  PAYMENT_SANDBOX_PORT: port(3008),
  MAIL_SANDBOX_PORT: port(3026),
  MAIL_SANDBOX_SMTP_PORT: port(3025),
  ISSUER_PORT: port(3007),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: optionalPort,
  KAFKA_PORT: port(9092),
  KAFKA_CONTROLLER_PORT: optionalPort,
  EVENTSTORE_PORT: port(2113),
  POSTGRES_PORT: port(5433),
  TEMPORAL_ADDRESS: text,
  KAFKA_BROKERS: text,
  EVENTSTORE_URL: text,
  DATABASE_URL: text,
  BLOB_STORE_URL: text,
  AUTH: z.preprocess(unsetWhenEmpty, z.enum(['on', 'off'], 'it is on or off').default('on')),
  AUTH_ISSUER: text,
  TLS_CERT_PATH: text,
});

/** The ports of everything that the stack runs, by the variable that sets each. */
export interface StackPorts extends PerService<'PORT', number> {
  readonly PERDURE_PORT: number;
  readonly SANDBOX_PORT: number;
  readonly PAYMENT_SANDBOX_PORT: number;
  readonly MAIL_SANDBOX_PORT: number;
  readonly MAIL_SANDBOX_SMTP_PORT: number;
  readonly ISSUER_PORT: number;
  readonly TEMPORAL_PORT: number;
  readonly TEMPORAL_UI_PORT: number;
  readonly KAFKA_PORT: number;
  readonly KAFKA_CONTROLLER_PORT: number;
  readonly EVENTSTORE_PORT: number;
  readonly POSTGRES_PORT: number;
}

/** Addresses of servers that run already. The stack uses them instead of starting its own. */
export interface ExternalAddresses {
  readonly TEMPORAL_ADDRESS?: string | undefined;
  readonly KAFKA_BROKERS?: string | undefined;
  readonly EVENTSTORE_URL?: string | undefined;
  readonly DATABASE_URL?: string | undefined;
}

/** Where the stack keeps its files, and where it listens. */
export interface StackSettings {
  /** The project: where package.json and dist/ are. */
  readonly root: string;
  /** The folder for all data, logs and pid files. */
  readonly home: string;
  /** The folder for programs that were downloaded or built. All clones share it. */
  readonly cache: string;
  readonly ports: StackPorts;
  readonly external: ExternalAddresses;
  /** The store of blobs to use instead of a folder in `home`. */
  readonly blobStore: string | undefined;
  /** How the services and the front server are reached. */
  readonly scheme: 'http' | 'https';
  /** The issuer of tokens to use instead of the local one. */
  readonly issuer: string | undefined;
  /** Whether to run the local issuer: not without access control, nor if there is another one. */
  readonly runsIssuer: boolean;
}

/** Reads the environment. Throws a {@link DevStackError} that names an invalid variable. */
export function readSettings(root: string, environment: NodeJS.ProcessEnv): StackSettings {
  const parsed = variables.safeParse(environment);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    throw new DevStackError(
      `${name}=${environment[name] ?? ''} cannot be used: ${issue?.message ?? 'invalid'}`,
    );
  }
  const values = parsed.data;
  const { TEMPORAL_ADDRESS, KAFKA_BROKERS, EVENTSTORE_URL, DATABASE_URL, AUTH_ISSUER } = values;
  return {
    root,
    home: resolve(root, values.PERDURE_HOME ?? '.perdure'),
    cache: resolve(
      values.PERDURE_CACHE ?? join(values.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'perdure'),
    ),
    ports: {
      PERDURE_PORT: values.PERDURE_PORT,
      ...perService('PORT', ({ name }) => values[variableOf(name, 'PORT')]),
      SANDBOX_PORT: values.SANDBOX_PORT,
      PAYMENT_SANDBOX_PORT: values.PAYMENT_SANDBOX_PORT,
      MAIL_SANDBOX_PORT: values.MAIL_SANDBOX_PORT,
      MAIL_SANDBOX_SMTP_PORT: values.MAIL_SANDBOX_SMTP_PORT,
      ISSUER_PORT: values.ISSUER_PORT,
      TEMPORAL_PORT: values.TEMPORAL_PORT,
      TEMPORAL_UI_PORT: values.TEMPORAL_UI_PORT ?? values.TEMPORAL_PORT + 1_000,
      KAFKA_PORT: values.KAFKA_PORT,
      KAFKA_CONTROLLER_PORT: values.KAFKA_CONTROLLER_PORT ?? values.KAFKA_PORT + 1,
      EVENTSTORE_PORT: values.EVENTSTORE_PORT,
      POSTGRES_PORT: values.POSTGRES_PORT,
    },
    external: { TEMPORAL_ADDRESS, KAFKA_BROKERS, EVENTSTORE_URL, DATABASE_URL },
    blobStore: values.BLOB_STORE_URL,
    scheme: values.TLS_CERT_PATH === undefined ? 'http' : 'https',
    issuer: AUTH_ISSUER,
    runsIssuer: values.AUTH === 'on' && AUTH_ISSUER === undefined,
  };
}

/** The same settings on ports that are free now, so that several stacks can run at once. */
export async function onFreePorts(settings: StackSettings): Promise<StackSettings> {
  const names = Object.keys(settings.ports) as (keyof StackPorts)[];
  const free = await freePorts(names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index]])) as unknown as StackPorts;
  return { ...settings, ports };
}
