import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface BareStore {
  readonly url: string;
  stop(): void;
}

/** Starts the baseline in its own process, on this database. */
export async function startBareStore(databaseUrl: string, events: number): Promise<BareStore> {
  const main = fileURLToPath(new URL('bare-store.main.js', import.meta.url));
  const env = { ...process.env, DATABASE_URL: databaseUrl, EVENTS: String(events) };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url, stop };
}
