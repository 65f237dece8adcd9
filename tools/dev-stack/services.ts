import { join } from 'node:path';
import { answersOk } from './http-health.js';
import type { StackAddresses } from './stack-addresses.js';
import type { StackPorts, StackSettings } from './stack-settings.js';
import type { StackServer } from './stack-server.js';

interface Service {
  readonly name: string;
  readonly title: string;
  /** The compiled file that node runs. */
  readonly entry: string;
  readonly portVariable: keyof StackPorts;
  readonly needs: readonly string[];
  /** It stands on nothing: alive is ready. */
  readonly isPlain?: true;
}

const engines = ['temporal', 'kafka', 'postgres', 'event-store'];

const services: readonly Service[] = [
  {
    name: 'account',
    title: 'Account service',
    entry: 'dist/apps/account/src/main.js',
    portVariable: 'ACCOUNT_PORT',
    needs: engines,
  },
  {
    name: 'cart',
    title: 'Cart service',
    entry: 'dist/apps/cart/src/main.js',
    portVariable: 'CART_PORT',
    needs: engines,
  },
  {
    name: 'sandbox',
    title: 'Fulfilment sandbox',
    entry: 'dist/apps/sandbox/server/main.js',
    portVariable: 'SANDBOX_PORT',
    needs: [],
    isPlain: true,
  },
  {
    name: 'inventory',
    title: 'Inventory service',
    entry: 'dist/apps/inventory/src/main.js',
    portVariable: 'INVENTORY_PORT',
    needs: engines,
  },
  {
    name: 'console',
    title: 'Front server',
    entry: 'dist/apps/console/server/main.js',
    portVariable: 'PERDURE_PORT',
    needs: ['account', 'cart', 'inventory'], // it is ready when they are, and no door stays open when they are stopped
  },
];

/** Our own services, as processes of the stack. */
export function serviceServers(settings: StackSettings, addresses: StackAddresses): StackServer[] {
  return services.map((service) => {
    const port = settings.ports[service.portVariable];
    const url = `http://127.0.0.1:${port}`;
    return {
      name: service.name,
      title: service.title,
      address: url,
      ports: [{ port, variable: service.portVariable }],
      needs: service.needs,
      // One found running may be of another clone, with other code and other data.
      mayBeFound: false,
      isHealthy: () => answersOk(`${url}/health/${service.isPlain ? 'live' : 'ready'}`, 5_000),
      isLive: () => answersOk(`${url}/health/live`),
      prepare: async () => ({
        file: process.execPath,
        args: [join(settings.root, service.entry)],
        cwd: settings.root,
        env: {
          ...process.env,
          ...addresses,
          PORT: String(port),
          SANDBOX_FILE: join(settings.home, 'sandbox/orders.jsonl'),
          KAFKAJS_NO_PARTITIONER_WARNING: '1',
        },
      }),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 20_000,
      readyTimeoutMs: 120_000,
    };
  });
}
