import { appendFileSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { eventStoreServer } from '#tools/dev-stack/event-store.server.js';
import { kafkaServer } from '#tools/dev-stack/kafka.server.js';
import { freePorts } from '#tools/dev-stack/port.js';
import { postgresServer } from '#tools/dev-stack/postgres.server.js';
import { silentProgress } from '#tools/dev-stack/progress.js';
import { type StackAddresses, stackAddresses } from '#tools/dev-stack/stack-addresses.js';
import { StackRun } from '#tools/dev-stack/stack-run.js';
import type { StackServer } from '#tools/dev-stack/stack-server.js';
import { onFreePorts, readSettings, type StackSettings } from '#tools/dev-stack/stack-settings.js';
import { temporalServer } from '#tools/dev-stack/temporal.server.js';
import { waitUntil } from '#tools/dev-stack/wait-until.js';
import { ADDRESS, PASSWORD, type SecuredPorts, USER } from './secured-names.js';

/** The certificate of the servers, its key, and that of their authority. */
interface ServerFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Adds two listeners: one for clients with a certificate, and one for those with a password. */
function withTls(
  server: StackServer,
  { home, ports }: StackSettings,
  [secure = 0, login = 0]: readonly number[],
  { cert, key, ca }: ServerFiles,
): StackServer {
  const store = join(home, '..', 'server', 'keystore.pem');
  writeFileSync(store, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'));
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`;
  const listeners = {
    listeners: `BROKER://${ADDRESS}:${ports.KAFKA_PORT},CONTROLLER://${ADDRESS}:${ports.KAFKA_CONTROLLER_PORT},SECURE://${ADDRESS}:${secure},LOGIN://${ADDRESS}:${login}`,
    'advertised.listeners': `BROKER://${ADDRESS}:${ports.KAFKA_PORT},SECURE://${ADDRESS}:${secure},LOGIN://${ADDRESS}:${login}`,
    'listener.security.protocol.map': 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SSL,LOGIN:SASL_SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': store,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
    'listener.name.secure.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.login.plain.sasl.jaas.config': jaas,
  };
  const lines = Object.entries(listeners).map(([name, value]) => `${name}=${value}\n`);
  return {
    ...server,
    prepare: async (step, signal) => {
      const plan = await server.prepare(step, signal);
      const layOut = async (stopped: AbortSignal) => {
        const isEmpty = (await plan.layOut?.(stopped)) ?? false;
        // The last of several values of a property counts.
        appendFileSync(join(home, 'kafka', 'server.properties'), lines.join(''));
        return isEmpty;
      };
      return { ...plan, layOut };
    },
  };
}

/** The event store keeps its own account, which needs no TLS. */
async function requireCertificates(
  { home, ports }: StackSettings,
  { DATABASE_URL }: StackAddresses,
  files: ServerFiles,
): Promise<void> {
  const data = join(home, 'postgres');
  // It reads a key only if its own user owns it.
  const { uid, gid } = statSync(data);
  const key = join(data, 'server-key.pem');
  writeFileSync(key, readFileSync(files.key), { mode: 0o600 });
  chownSync(key, uid, gid);
  for (const name of ['cert', 'ca'] as const) {
    writeFileSync(join(data, `server-${name}.pem`), readFileSync(files[name]));
  }
  const access = join(data, 'pg_hba.conf');
  const rules = [
    `hostssl all ${USER} ${ADDRESS}/32 scram-sha-256 clientcert=verify-ca`,
    `host all ${USER} all reject`,
  ];
  writeFileSync(access, `${rules.join('\n')}\n${readFileSync(access, 'utf8')}`);
  const client = new Client({ connectionString: DATABASE_URL, ssl: false });
  await client.connect();
  try {
    await client.query(`create role ${USER} login superuser password '${PASSWORD}'`);
    await client.query(`alter system set ssl_cert_file = 'server-cert.pem'`);
    await client.query(`alter system set ssl_key_file = 'server-key.pem'`);
    await client.query(`alter system set ssl_ca_file = 'server-ca.pem'`);
    await client.query('alter system set ssl = on');
    await client.query('select pg_reload_conf()');
    const isOn = async () => (await client.query('show ssl')).rows[0].ssl === 'on';
    if (!(await waitUntil(isOn, { timeoutMs: 10_000 }))) throw new Error(`no TLS on ${ports.POSTGRES_PORT}`);
  } finally {
    await client.end();
  }
}

const [folder = ''] = process.argv.slice(2);
const served = (name: string) => join(folder, 'server', `${name}.pem`);
const files = { cert: served('cert'), key: served('key'), ca: served('ca') };
const settings = { ...(await onFreePorts(readSettings(process.cwd(), {}))), home: join(folder, 'home') };
const addresses = stackAddresses(settings);
const secured = await freePorts(2);
const run = new StackRun(settings, silentProgress, new AbortController().signal);
process.once('exit', () => run.killNow());
process.once('disconnect', () => void run.stop().then(() => process.exit(0)));
await run.start([
  postgresServer(settings),
  withTls(kafkaServer(settings), settings, secured, files),
  temporalServer(settings),
  eventStoreServer(settings, addresses),
]);
await requireCertificates(settings, addresses, files);
const [kafka = 0, login = 0] = secured;
const ports: SecuredPorts = {
  temporal: settings.ports.TEMPORAL_PORT,
  eventStore: settings.ports.EVENTSTORE_PORT,
  postgres: settings.ports.POSTGRES_PORT,
  kafka,
  login,
};
process.send?.(ports);
