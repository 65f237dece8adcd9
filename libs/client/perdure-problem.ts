import type { ProblemDetail } from '#libs/core/problem-error.js';

/** Codes of what happens on this side of the connection. Their status is 0. */
export const CLIENT_CODES = {
  /** Nothing answers, or the connection broke. */
  unreachable: 'CLIENT.UNREACHABLE',
  /** The command is durable, but was not decided in time. */
  undecided: 'CLIENT.UNDECIDED',
} as const;

interface ProblemBody {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly traceId?: string;
  readonly errors?: readonly ProblemDetail[];
}

/**
 * What Perdure answered instead of what was asked for: a rejection of a command, or any other
 * problem (RFC 9457). `code` is stable, `detail` is for people.
 */
export class PerdureProblem extends Error {
  override readonly name = 'PerdureProblem';
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;
  readonly code: string;
  readonly title: string | undefined;
  readonly detail: string | undefined;
  readonly traceId: string | undefined;
  /** The faults of the request, each with its place. */
  readonly errors: readonly ProblemDetail[];
  /** Everything that the answer says, such as the `commandId` and `revision` of a rejection. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    body: Readonly<Record<string, unknown>>,
    /** When the same request may succeed. */
    readonly retryAfterSeconds?: number,
    options?: ErrorOptions,
  ) {
    const { code = `HTTP ${status}`, title, detail, traceId, errors = [] } = body as ProblemBody;
    const text = detail ?? title;
    super(text === undefined ? code : `${code}: ${text}`, options);
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.traceId = traceId;
    this.errors = errors;
    this.members = body;
  }
}

/** The problem in an answer, whatever its body. */
export async function problemIn(response: Response): Promise<PerdureProblem> {
  const text = await response.text().catch(() => '');
  const seconds = Number(response.headers.get('retry-after'));
  const body = objectIn(text) ?? { title: response.statusText || undefined };
  return new PerdureProblem(response.status, body, seconds > 0 ? seconds : undefined);
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
