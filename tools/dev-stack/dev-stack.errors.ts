/** Something the stack needs and cannot have. The message is one line that names it and the remedy. */
export class DevStackError extends Error {
  override readonly name: string = 'DevStackError';
}

/** A program that is neither installed nor to be had from where it is published. */
export class MissingPrerequisiteError extends DevStackError {
  override readonly name = 'MissingPrerequisiteError';

  constructor(what: string, remedy: string) {
    super(`${what}: ${remedy}`);
  }
}

/** A port of ours is held by a program that is not the server expected there. */
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

/** A server or service that ended or stayed unready while it was being started. `log` is where it says why. */
export class ServerStartError extends DevStackError {
  override readonly name = 'ServerStartError';

  constructor(server: string, reason: string, log: string, lastLines: string) {
    super(
      `${server} did not start: ${reason}. Its log is ${log}${lastLines ? `, which ends:\n${lastLines}` : ''}`,
    );
  }
}

/** A stack already runs on the same data. */
export class AlreadyRunningError extends DevStackError {
  override readonly name = 'AlreadyRunningError';

  constructor(
    readonly home: string,
    readonly pid: number,
  ) {
    super(`Perdure runs already (pid ${pid}, data in ${home}).`);
  }
}

/** A tool that was run (a compiler, a package fetcher, initdb) ended with a failure. */
export class CommandFailedError extends DevStackError {
  override readonly name = 'CommandFailedError';

  constructor(command: string, reason: string, lastLines: string) {
    super(`${command} failed (${reason})${lastLines ? `:\n${lastLines}` : ''}`);
  }
}

/** The start was called off (Ctrl-C, npm stop) before it was done. */
export class StartAbortedError extends DevStackError {
  override readonly name = 'StartAbortedError';

  constructor() {
    super('The start was called off.');
  }
}
