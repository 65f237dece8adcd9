/** A code that clients can rely on, with its HTTP status and its title. */
export interface ProblemKind {
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

/** One fault of a request: a JSON pointer into the body, or the name of a header or parameter. */
export interface ProblemDetail {
  readonly pointer?: string;
  readonly header?: string;
  readonly parameter?: string;
  readonly detail: string;
}

/** What a problem tells beyond its kind and detail. */
export interface ProblemExtras {
  readonly errors?: readonly ProblemDetail[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** The pause after which the same request may succeed. */
  readonly retryAfterSeconds?: number;
}

/** For logs: the cause, and a message that differs from the detail. */
export interface ProblemOptions extends ErrorOptions {
  readonly message?: string;
}

/**
 * An error that may reach a client. It carries its answer (RFC 9457): a kind, and a `detail` that
 * is written for people and may change.
 */
export class ProblemError extends Error {
  override readonly name: string = 'ProblemError';
  readonly code: string;
  readonly status: number;
  readonly title: string;

  constructor(
    { code, status, title }: ProblemKind,
    readonly detail: string,
    readonly extras: ProblemExtras = {},
    { message = detail, ...options }: ProblemOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = status;
    this.title = title;
  }
}
