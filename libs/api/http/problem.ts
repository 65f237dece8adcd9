/** One thing that is wrong with a request: a JSON pointer into the body, or the name of a header or parameter. */
export interface ProblemDetail {
  readonly pointer?: string;
  readonly header?: string;
  readonly parameter?: string;
  readonly detail: string;
}

/**
 * An answer that is not the one asked for (RFC 9457). `code` is stable and listed in docs/rejections.md; `detail` is for
 * people.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly extras: {
      readonly errors?: readonly ProblemDetail[];
      readonly headers?: Readonly<Record<string, string>>;
      /** Further members of the body. */
      readonly members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail);
  }
}

/** The media type of a problem. */
export const PROBLEM_JSON = 'application/problem+json';

/** The body of a problem. */
export function problemBody(problem: Problem, instance: string, traceId: string) {
  const { status, code, title, detail, extras } = problem;
  const { errors, members } = extras;
  return {
    type: `/docs/problems#${code}`,
    title,
    status,
    detail,
    instance,
    code,
    ...members,
    ...(errors && { errors }),
    traceId,
  };
}
