import type { Step } from './progress.js';

/** How a process is started. */
export interface LaunchPlan {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /**
   * Lays out its data where there are none; runs before each launch, also after a crash, and when they are complete does
   * nothing. Resolves with whether it starts empty.
   */
  layOut?(signal: AbortSignal): Promise<boolean>;
}

/** A server or service that the stack can run: what differs between them, and nothing of how they are supervised. */
export interface StackServer {
  /** Names its log, its pid file, and it in `kill` and `restart`. */
  readonly name: string;
  /** For a person. */
  readonly title: string;
  /** host:port or URL, for a person. */
  readonly address: string;
  /** All ports it listens on, each with the variable that changes it; the first is the one others reach it at. */
  readonly ports: readonly { readonly port: number; readonly variable: string }[];
  /** Names of those that have to be ready before it starts; one that is not part of the stack is not waited for. */
  readonly needs: readonly string[];
  /** Whether one that was found running, and that the stack did not start, may be used. */
  readonly mayBeFound: boolean;
  /** Whether the right server answers at its address; never rejects. */
  isHealthy(): Promise<boolean>;
  /**
   * Whether the process itself answers, where health depends on others too: after a crash no more is waited for, or a
   * service would be killed because a server is away. Default: isHealthy.
   */
  isLive?(): Promise<boolean>;
  /** Finds or fetches the program. */
  prepare(step: Step, signal: AbortSignal): Promise<LaunchPlan>;
  /**
   * Runs each time it has started and answers, and when it was found running: what it must hold for us (a database, an
   * attribute).
   */
  complete?(): Promise<void>;
  /** What a person should do when it has lost its data and started empty, besides restarting what depends on it. */
  readonly afterLoss?: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly readyTimeoutMs: number;
}
