import type { Step } from './progress.js';
import type { RestartPolicy } from '#libs/runtime/restart-policy.js';

/** How to start a process. */
export interface LaunchPlan {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /**
   * Creates its data if there is none. Runs before each launch, also after a crash, and does
   * nothing if the data is complete. Resolves to whether it starts empty.
   */
  layOut?(signal: AbortSignal): Promise<boolean>;
}

/**
 * A server or service that the stack can run: only what differs between them. Supervision is
 * elsewhere.
 */
export interface StackServer {
  /** Name of its log and its pid file, and in `kill` and `restart`. */
  readonly name: string;
  /** For display. */
  readonly title: string;
  /** host:port or URL, for display. */
  readonly address: string;
  /** All ports it listens on, each with the variable that changes it. Clients use the first. */
  readonly ports: readonly { readonly port: number; readonly variable: string }[];
  /**
   * Names of the servers that have to be ready before it starts. One that is not part of the stack
   * is ignored.
   */
  readonly needs: readonly string[];
  /** Whether to use one that is already running and was not started by the stack. */
  readonly mayBeFound: boolean;
  /** Whether the right server answers at its address. Never rejects. */
  isHealthy(): Promise<boolean>;
  /**
   * Whether the process itself answers, if its health depends on others too. After a crash, only
   * this is waited for; otherwise a service would be killed because a server is unavailable.
   * Default: isHealthy.
   */
  isLive?(): Promise<boolean>;
  /**
   * How often to ask whether it still answers, for a server that can get stuck: after six questions
   * without an answer, it is killed and started again. If absent, only its end is noticed.
   */
  readonly askedEveryMs?: number;
  /** How often it is started again when it ends. Default: without limit, with growing pauses. */
  readonly restart?: RestartPolicy;
  /** Finds or downloads the program. */
  prepare(step: Step, signal: AbortSignal): Promise<LaunchPlan>;
  /**
   * Runs after each start once it answers, and if it was found running: creates what we need in it
   * (a database, an attribute).
   */
  complete?(): Promise<void>;
  /**
   * What the user should do if it has lost its data and started empty, apart from restarting what
   * depends on it.
   */
  readonly afterLoss?: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly readyTimeoutMs: number;
}
