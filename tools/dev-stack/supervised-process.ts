import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { DevStackError, ServerStartError } from './dev-stack.errors.js';
import { lastLines, openLog } from './process-log.js';
import { removeRecord, writeRecord } from './process-record.js';
import { Restarts } from '#libs/runtime/restart-policy.js';
import { processStart, type ProcessIdentity } from './process-table.js';
import { killGroup } from './signal-group.js';
import type { LaunchPlan, StackServer } from './stack-server.js';
import { stopProcess } from './stop-process.js';
import { waitUntil } from './wait-until.js';

/** How many times in a row a process is asked without an answer before it counts as stuck. */
const unanswered = 6;

interface Running {
  readonly identity: ProcessIdentity;
  readonly child: ChildProcess;
  /** Resolves to how it ended. */
  readonly ended: Promise<string>;
  readonly startedMs: number;
  readonly log: { readonly file: string; readonly from: number };
}

/** One process of the stack: started, watched, restarted when it dies, stopped. */
export class SupervisedProcess {
  private running: Running | undefined;
  private readonly halt = new AbortController();
  private readonly restarts: Restarts;
  private hasRun = false;
  /** Its data was gone at a launch after the first, and this is not reported yet. */
  private hasLostData = false;
  /** Incremented by each requested restart, which ends the watch over the previous process. */
  private generation = 0;

  constructor(
    private readonly server: StackServer,
    private readonly plan: LaunchPlan,
    private readonly place: { readonly home: string; readonly order: number },
    private readonly say: (line: string) => void,
    /** Called when it has lost its data and started empty. */
    private readonly onLoss: () => void = () => undefined,
  ) {
    this.restarts = new Restarts(server.restart);
  }

  /**
   * Starts it and waits until it answers and is complete. From then on it is kept running. Throws
   * {@link ServerStartError}.
   */
  async start(calledOff?: AbortSignal): Promise<void> {
    const running = await this.launch(calledOff);
    await this.ready(running, () => this.server.isHealthy(), calledOff);
    void this.keepRunning(running);
    void this.watch(running);
    await this.complete();
  }

  /** Sends a signal to the process (not to its group), as a fault would. */
  kill(signal: NodeJS.Signals): void {
    this.running?.child.kill(signal);
  }

  /** Stops it, starts it again and waits until it answers. */
  async restart(): Promise<void> {
    this.generation += 1;
    await this.end();
    await this.start();
  }

  /** Stops it permanently. */
  async stop(): Promise<void> {
    this.halt.abort();
    await this.end();
  }

  /** Kills it immediately, without a chance to clean up. */
  killNow(): void {
    this.halt.abort();
    if (this.running) killGroup(this.running.identity.pid, 'SIGKILL');
  }

  private async end(): Promise<void> {
    if (!this.running) return;
    const { identity, ended } = this.running;
    await stopProcess(identity, this.server);
    await ended;
  }

  private async launch(calledOff?: AbortSignal): Promise<Running> {
    const { signal } = this.halt;
    const isEmpty = await this.plan.layOut?.(calledOff ? AbortSignal.any([signal, calledOff]) : signal);
    if (isEmpty === true && this.hasRun) this.hasLostData = true;
    this.hasRun = true;
    signal.throwIfAborted();
    const { home, order } = this.place;
    const { name, address, stopSignal, stopTimeoutMs } = this.server;
    const { file, args, layOut: _, ...options } = this.plan;
    const log = openLog(home, name);
    const from = fstatSync(log.descriptor).size;
    // Detached, with its own process group, so that Ctrl-C reaches only the supervisor and
    // processes stop in order. Its output goes straight to the file, so it can outlive the
    // supervisor.
    const stdio: ['ignore', number, number] = ['ignore', log.descriptor, log.descriptor];
    const child = spawn(file, args, { ...options, detached: true, stdio });
    closeSync(log.descriptor);
    const { pid } = child;
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    }).then((how) => {
      this.running = undefined;
      removeRecord(home, name);
      return how;
    });
    if (pid === undefined) throw new DevStackError(`${this.server.title} cannot be started: ${await ended}`);
    writeRecord(home, { name, pid, address, order, stopSignal, stopTimeoutMs });
    const identity = { pid, startedAt: processStart(pid) ?? '' };
    this.running = { identity, child, ended, startedMs: Date.now(), log: { file: log.file, from } };
    return this.running;
  }

  private async ready(
    running: Running,
    isReady: () => Promise<boolean>,
    calledOff?: AbortSignal,
  ): Promise<void> {
    const { title, readyTimeoutMs: timeoutMs } = this.server;
    const fail = (reason: string) =>
      new ServerStartError(title, reason, running.log.file, lastLines(running.log.file, running.log.from));
    const over = new AbortController();
    const died = running.ended.then((how) => {
      throw fail(`it ended (${how})`);
    });
    const signal = calledOff ? AbortSignal.any([over.signal, calledOff]) : over.signal;
    const answers = waitUntil(isReady, { timeoutMs, signal });
    try {
      if (!(await Promise.race([answers, died])))
        throw fail(`it does not answer after ${timeoutMs / 1_000} s`);
    } finally {
      over.abort();
    }
  }

  private async complete(): Promise<void> {
    await this.server.complete?.();
    if (!this.hasLostData) return;
    this.hasLostData = false;
    const { title, afterLoss = '' } = this.server;
    const line = `${title} has lost its data and starts empty; what depends on it is restarted. ${afterLoss}`;
    this.say(line.trimEnd());
    this.onLoss();
  }

  private async keepRunning(first: Running): Promise<void> {
    const { generation } = this;
    let running = first;
    for (;;) {
      const how = await running.ended;
      if (this.halt.signal.aborted || this.generation !== generation) return;
      const next = await this.startAgain(how, running.startedMs);
      if (!next) return;
      running = next;
    }
  }

  private async startAgain(how: string, startedMs: number): Promise<Running | undefined> {
    const { generation } = this;
    const { title, restart } = this.server;
    const pause = this.restarts.pauseAfter(Date.now() - startedMs);
    if (pause === undefined) {
      this.say(
        `${title} has ended (${how}) and stays down: it has used its ${restart?.maxAttempts} restarts.`,
      );
      return undefined;
    }
    this.say(`${title} has ended (${how}); restarting it in ${pause / 1_000} s.`);
    try {
      await delay(pause, undefined, { signal: this.halt.signal });
      if (this.generation !== generation) return undefined;
      const began = Date.now();
      const running = await this.launch();
      this.ready(running, () => this.isLive())
        .then(() => this.complete())
        .then(
          () => {
            this.say(`${title} is back (${((Date.now() - began) / 1_000).toFixed(1)} s).`);
            void this.watch(running);
          },
          (error: unknown) => this.giveUpOn(running, error),
        );
      return running;
    } catch (error) {
      if (this.halt.signal.aborted) return undefined;
      return this.startAgain(String(error), Date.now());
    }
  }

  /** Whether the process itself answers, whatever the health of others. */
  private isLive(): Promise<boolean> {
    return this.server.isLive?.() ?? this.server.isHealthy();
  }

  /** Ends a process that answered once and does not any more, so that it is started again. */
  private async watch(running: Running): Promise<void> {
    const { askedEveryMs, title } = this.server;
    if (askedEveryMs === undefined) return;
    for (let misses = 0; misses < unanswered;) {
      await delay(askedEveryMs, undefined, { signal: this.halt.signal }).catch(() => undefined);
      if (this.halt.signal.aborted || this.running !== running) return;
      misses = (await this.isLive()) ? 0 : misses + 1;
    }
    this.giveUpOn(running, new DevStackError(`${title} runs but has stopped answering; it is killed.`));
  }

  /** Ends a process that runs but never answers, so that the next attempt starts. */
  private giveUpOn(running: Running, error: unknown): void {
    if (this.halt.signal.aborted) return;
    this.say(error instanceof Error ? error.message : String(error));
    if (this.running === running) killGroup(running.identity.pid, 'SIGKILL');
  }
}
