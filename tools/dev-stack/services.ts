import { join } from 'node:path';
import { SERVICE_NAMES, variableOf } from '#contracts/services.js';
import { answersOk } from './http-health.js';
import { localLinks } from './local-links.js';
import { localSecret } from './local-secret.js';
import { writeTokens } from './local-tokens.js';
import { localWebhooks } from './local-webhooks.js';
import type { RestartPolicy } from '#libs/runtime/restart-policy.js';
import type { StackAddresses } from './stack-addresses.js';
import type { StackProcess } from './stack-processes.js';
import type { StackPorts, StackSettings } from './stack-settings.js';
import type { LaunchPlan, StackServer } from './stack-server.js';

interface Service {
  readonly name: string;
  readonly title: string;
  /** The compiled file that node runs. */
  readonly entry: string;
  readonly portVariable: keyof StackPorts;
  /** Its port, if it is not that of the variable. */
  readonly port?: number;
  readonly smtpPortVariable?: keyof StackPorts;
  readonly needs: readonly string[];
  /** It depends on nothing, so it is ready as soon as it is alive. It speaks HTTP only. */
  readonly isPlain?: true;
  /** The file of a sandbox. */
  readonly data?: string;
  readonly issuesTokens?: true;
  readonly mailsLinks?: boolean;
  readonly restart?: RestartPolicy | undefined;
  readonly memoryBytes?: number | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  /** It is ready as soon as it is alive, because a service that it asks is not there. */
  readonly isReadyAlone?: boolean;
}

/** What the stack runs in addition to the processes of our services. */
const companions: readonly Service[] = [
  {
    name: 'sandbox',
    title: 'Fulfilment sandbox',
    entry: 'dist/apps/sandbox/fulfilment/main.js',
    portVariable: 'SANDBOX_PORT',
    needs: [],
    isPlain: true,
    data: 'orders.jsonl',
  },
  {
    name: 'payment-sandbox',
    title: 'Payment sandbox',
    entry: 'dist/apps/sandbox/payments/main.js',
    portVariable: 'PAYMENT_SANDBOX_PORT',
    needs: [],
    isPlain: true,
    data: 'payments.jsonl',
  },
  {
    name: 'mail-sandbox',
    title: 'Mail sandbox',
    entry: 'dist/apps/sandbox/mail/main.js',
    portVariable: 'MAIL_SANDBOX_PORT',
    smtpPortVariable: 'MAIL_SANDBOX_SMTP_PORT',
    needs: [],
    isPlain: true,
    data: 'messages.jsonl',
  },
  {
    name: 'issuer',
    title: 'Local issuer',
    entry: 'dist/apps/sandbox/issuer/main.js',
    portVariable: 'ISSUER_PORT',
    needs: [],
    isPlain: true,
    data: 'issuer-keys.json',
    issuesTokens: true,
  },
  {
    name: 'console',
    title: 'Front server',
    entry: 'dist/apps/console/server/main.js',
    portVariable: 'PERDURE_PORT',
    needs: [],
  },
];

/** A process of the stack, and the port that it listens on if it is not that of its service. */
export type PlacedProcess = StackProcess & { readonly port?: number };

function ofProcess({ name, service, ...rest }: PlacedProcess): Service {
  const title = `${service.charAt(0).toUpperCase()}${service.slice(1)} service`;
  return {
    ...rest,
    name,
    title: name === service ? title : `${title} (${name})`,
    entry: `dist/apps/${service}/src/main.js`,
    portVariable: variableOf(service, 'PORT'),
    needs: ['temporal', 'kafka', 'postgres', 'event-store'],
    mailsLinks: service === 'desk',
  };
}

/** The secret that the environment names, or one of this stack. */
function callbackSecret(home: string): NodeJS.ProcessEnv {
  const { CALLBACK_SECRET: given, CALLBACK_SECRET_FILE: file } = process.env;
  if (given !== undefined || file !== undefined) return {};
  return { CALLBACK_SECRET_FILE: localSecret(join(home, 'secrets'), 'callback-secret') };
}

/** Names that no process of our services can have. */
export const COMPANION_NAMES: readonly string[] = companions.map(({ name }) => name);

/** The front server is ready once all services are, if they all run, and is stopped before them. */
function frontFor(processes: readonly StackProcess[], front: Service): Service {
  const served = new Set(processes.flatMap(({ service, isFront }) => (isFront ? [service] : [])));
  const needs = processes.map(({ name }) => name);
  return { ...front, needs, isReadyAlone: served.size < SERVICE_NAMES.length };
}

function healthOf({ isPlain, isReadyAlone }: Service): string {
  return isPlain || isReadyAlone ? '/health/live' : '/health/ready';
}

/** The rest of its memory is for code, buffers, and the core of Temporal's SDK. */
const HEAP_SHARE = 0.75;

/** Makes Node collect garbage before the heap takes more than the process may. */
function heapLimit({ memoryBytes }: Service): readonly string[] {
  if (memoryBytes === undefined) return [];
  return [`--max-old-space-size=${Math.floor((memoryBytes / 2 ** 20) * HEAP_SHARE)}`];
}

function launchPlan(
  service: Service,
  { root, home, runsIssuer }: StackSettings,
  own: StackAddresses & { readonly PORT: string },
  smtpPort: number | undefined,
): LaunchPlan {
  return {
    file: process.execPath,
    args: [...heapLimit(service), join(root, service.entry)],
    cwd: root,
    env: {
      ...process.env,
      ...own,
      ...(smtpPort !== undefined && { SMTP_PORT: String(smtpPort) }),
      ...(service.data !== undefined && { SANDBOX_FILE: join(home, 'sandbox', service.data) }),
      ...(service.isPlain ? {} : callbackSecret(home)),
      ...(runsIssuer && { LOCAL_ISSUER_URL: own.AUTH_ISSUER }),
      ...(runsIssuer && service.mailsLinks && localLinks(root, home, process.env)),
      ...localWebhooks(own.PERDURE_URL, home, process.env),
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      ...service.environment,
    },
  };
}

/** Our own processes, with the front server and the sandboxes, as servers of the stack. */
export function serviceServers(
  settings: StackSettings,
  addresses: StackAddresses,
  processes: readonly PlacedProcess[],
): StackServer[] {
  const others = companions.map((one) => (one.isPlain ? one : frontFor(processes, one)));
  const wanted = others.filter(({ issuesTokens }) => !issuesTokens || settings.runsIssuer);
  return [...processes.map(ofProcess), ...wanted].map((service) => {
    const port = service.port ?? settings.ports[service.portVariable];
    const url = `${service.isPlain ? 'http' : settings.scheme}://127.0.0.1:${port}`;
    const { smtpPortVariable } = service;
    const smtp = smtpPortVariable && { port: settings.ports[smtpPortVariable], variable: smtpPortVariable };
    return {
      name: service.name,
      title: service.title,
      address: url,
      ports: [{ port, variable: service.portVariable }, ...(smtp ? [smtp] : [])],
      needs: service.needs,
      // One that is already running may belong to another clone, with other code and other data.
      mayBeFound: false,
      isHealthy: () => answersOk(`${url}${healthOf(service)}`, 5_000),
      isLive: () => answersOk(`${url}/health/live`, 5_000),
      askedEveryMs: 5_000,
      prepare: async () => launchPlan(service, settings, { ...addresses, PORT: String(port) }, smtp?.port),
      ...(service.issuesTokens && { complete: () => writeTokens(url, settings.home) }),
      ...(service.restart && { restart: service.restart }),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 20_000,
      readyTimeoutMs: 120_000,
    };
  });
}
