/**
 * The stack needs something that it cannot get. The message is one line that names it and the
 * remedy.
 */
export class DevStackError extends Error {
  override readonly name: string = 'DevStackError';
}

/** A program is neither installed nor available from its publisher. */
export class MissingPrerequisiteError extends DevStackError {
  override readonly name = 'MissingPrerequisiteError';

  constructor(what: string, remedy: string) {
    super(`${what}: ${remedy}`);
  }
}

/** A download is not the file that was expected. It was neither run nor kept. */
export class ChecksumError extends DevStackError {
  override readonly name = 'ChecksumError';

  constructor(what: string, actual: string, expected: string) {
    super(
      `${what} cannot be trusted: its SHA-256 is ${actual} instead of ${expected}. It was not kept, and nothing of it was run.`,
    );
  }
}

/** One of our ports is taken by a program that is not the expected server. */
export class PortTakenError extends DevStackError {
  override readonly name = 'PortTakenError';

  constructor(
    readonly server: string,
    readonly port: number,
    readonly variable: string,
    owner: string | undefined,
  ) {
    const by = owner ?? 'another program';
    super(
      `${server} cannot start: port ${port} is taken by ${by}. Stop it, or set ${variable} to a free port.`,
    );
  }
}

/**
 * A server or service ended or did not become ready during its start. `log` is the file with the
 * reason.
 */
export class ServerStartError extends DevStackError {
  override readonly name = 'ServerStartError';

  constructor(server: string, reason: string, log: string, lastLines: string) {
    super(
      `${server} did not start: ${reason}. Its log is ${log}${lastLines ? `, which ends:\n${lastLines}` : ''}`,
    );
  }
}

/** A stack is already running on the same data. */
export class AlreadyRunningError extends DevStackError {
  override readonly name = 'AlreadyRunningError';

  constructor(
    readonly home: string,
    readonly pid: number,
  ) {
    super(`Perdure is already running (pid ${pid}, data in ${home}).`);
  }
}

/** A tool (a compiler, a package manager, initdb) failed. */
export class CommandFailedError extends DevStackError {
  override readonly name = 'CommandFailedError';

  constructor(command: string, reason: string, lastLines: string) {
    super(`${command} failed (${reason})${lastLines ? `:\n${lastLines}` : ''}`);
  }
}

/** The start was cancelled (Ctrl-C, npm stop) before it was done. */
export class StartAbortedError extends DevStackError {
  override readonly name = 'StartAbortedError';

  constructor() {
    super('The start was cancelled.');
  }
}
