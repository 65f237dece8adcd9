/**
 * What an index knows of a stream: which of the given names its events used up to `revision`, and
 * maybe later.
 */
export interface NameAnswer {
  /** -1: nothing is indexed yet. */
  readonly revision: number;
  readonly used: readonly string[];
}

/**
 * The names that events of an entity have used up for good (`Decider.names`), of any age. It lags
 * behind the streams.
 */
export interface NameIndex {
  /** Throws if PostgreSQL does not answer soon. */
  find(stream: string, names: readonly string[]): Promise<NameAnswer>;
}
