import { DevStackError, PortTakenError, StartAbortedError } from './dev-stack.errors.js';
import { externalVariables, reachExternal } from './external-server.js';
import { isListening } from './port.js';
import { commandLine, portOwner } from './process-table.js';
import type { Progress, Step } from './progress.js';
import type { StackServer } from './stack-server.js';
import type { StackSettings } from './stack-settings.js';
import { SupervisedProcess } from './supervised-process.js';

interface Managed {
  readonly order: number;
  readonly server: StackServer;
  readonly process: SupervisedProcess;
}

/**
 * What one supervisor runs. Servers start in parallel, each as soon as those it needs are ready.
 */
export class StackRun {
  private readonly managed = new Map<string, Managed>();
  private readonly orders = new Map<string, number>();
  /** Servers that are used but were not started here. */
  readonly borrowed: { readonly name: string; readonly address: string }[] = [];
  private readonly abort = new AbortController();

  constructor(
    private readonly settings: StackSettings,
    private readonly progress: Progress,
    calledOff: AbortSignal,
  ) {
    const callOff = () => this.abort.abort(new StartAbortedError());
    if (calledOff.aborted) callOff();
    calledOff.addEventListener('abort', callOff, { once: true });
  }

  /**
   * Starts them and waits until all are ready. If one fails, cancels the others and throws the
   * first error.
   */
  async start(servers: readonly StackServer[]): Promise<void> {
    const isFound = new Map<string, boolean>();
    for (const server of servers) isFound.set(server.name, await this.look(server));
    const ready = new Map<string, Promise<void>>();
    for (const server of inOrder(servers)) {
      const order = 1 + Math.max(0, ...server.needs.map((need) => this.orders.get(need) ?? 0));
      this.orders.set(server.name, order);
      const needs = server.needs.flatMap((need) => ready.get(need) ?? []);
      ready.set(server.name, this.bringUp(server, order, isFound.get(server.name) === true, needs));
    }
    const all = [...ready.values()];
    try {
      await Promise.all(all);
    } catch (error) {
      this.abort.abort(new StartAbortedError());
      await Promise.allSettled(all);
      throw error;
    }
  }

  process(name: string): SupervisedProcess {
    const found = this.managed.get(name);
    if (!found) throw new DevStackError(`${name} is not a process of this stack.`);
    return found.process;
  }

  async stop(): Promise<void> {
    this.abort.abort(new StartAbortedError());
    const orders = [...new Set([...this.managed.values()].map(({ order }) => order))].toSorted(
      (a, b) => b - a,
    );
    for (const order of orders) {
      const group = [...this.managed.values()].filter((one) => one.order === order);
      await Promise.all(group.map((one) => one.process.stop()));
    }
    this.managed.clear();
  }

  killNow(): void {
    for (const { process } of this.managed.values()) process.killNow();
  }

  /**
   * Whether the server is already running and may be used. Throws {@link PortTakenError} if
   * something else has its port.
   */
  private async look(server: StackServer): Promise<boolean> {
    if (this.external(server)) return false;
    const taken: typeof server.ports = await filterAsync(server.ports, ({ port }) =>
      isListening('127.0.0.1', port),
    );
    const [first] = server.ports;
    if (server.mayBeFound && taken.some((one) => one === first) && (await server.isHealthy())) return true;
    const [obstacle] = taken;
    if (!obstacle) return false;
    const pid = portOwner(obstacle.port);
    const owner =
      pid === undefined ? undefined : `pid ${pid} (${(commandLine(pid) ?? 'unknown').slice(0, 120)})`;
    throw new PortTakenError(server.title, obstacle.port, obstacle.variable, owner);
  }

  private external(server: StackServer) {
    const variable = externalVariables[server.name];
    const address = variable && this.settings.external[variable];
    return variable && address ? { variable, address } : undefined;
  }

  private async bringUp(
    server: StackServer,
    order: number,
    isFound: boolean,
    needs: readonly Promise<void>[],
  ): Promise<void> {
    const step = this.progress.step(server.title);
    try {
      const external = this.external(server);
      if (external) {
        step.update(`checking ${external.variable}`);
        await reachExternal(external.variable, external.address, this.abort.signal);
        this.borrowed.push({ name: server.name, address: `external, from ${external.variable}` });
        step.done(`using ${external.variable}`);
      } else if (isFound) {
        await server.complete?.();
        this.borrowed.push({ name: server.name, address: `${server.address} (found running)` });
        step.done(`found running at ${server.address}`);
      } else {
        await this.launch(server, order, step, needs);
        step.done(server.address);
      }
    } catch (error) {
      step.failed(this.abort.signal.aborted ? 'cancelled' : 'failed');
      throw error;
    }
  }

  private async launch(
    server: StackServer,
    order: number,
    step: Step,
    needs: readonly Promise<void>[],
  ): Promise<void> {
    const { signal } = this.abort;
    step.update('looking for it');
    const plan = await server.prepare(step, signal);
    if (needs.length > 0) step.update(`waiting for ${server.needs.join(', ')}`);
    await Promise.all(needs);
    signal.throwIfAborted();
    step.update('starting');
    const place = { home: this.settings.home, order };
    const process = new SupervisedProcess(
      server,
      plan,
      place,
      (line) => this.progress.say(line),
      () => this.restartDependents(server),
    );
    this.managed.set(server.name, { order, server, process });
    await process.start(signal);
  }

  /** On start, they create what they need in this server: schemas, topics. */
  private restartDependents({ name }: StackServer): void {
    for (const { server, process } of this.managed.values()) {
      if (server.needs.includes(name)) process.kill('SIGTERM');
    }
  }
}

/** Sorts servers after those they need. */
function inOrder(servers: readonly StackServer[]): StackServer[] {
  const isPlaced = new Set<string>();
  const names = new Set(servers.map(({ name }) => name));
  const ordered: StackServer[] = [];
  while (ordered.length < servers.length) {
    const next = servers.find(
      ({ name, needs }) =>
        !isPlaced.has(name) && needs.every((need) => isPlaced.has(need) || !names.has(need)),
    );
    if (!next) throw new DevStackError('The servers of the stack depend on each other in a cycle.');
    isPlaced.add(next.name);
    ordered.push(next);
  }
  return ordered;
}

async function filterAsync<T>(items: readonly T[], isWanted: (item: T) => Promise<boolean>): Promise<T[]> {
  const wanted = await Promise.all(items.map(isWanted));
  return items.filter((_, index) => wanted[index]);
}
