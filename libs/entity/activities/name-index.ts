/** What an index says of a stream: which of the names asked for its events used up to `revision`, and maybe later. */
export interface NameAnswer {
  /** -1: nothing is indexed yet. */
  readonly revision: number;
  readonly used: readonly string[];
}

/** The names that events of an entity have used up for ever, at any age (`Decider.names`). It follows the streams. */
export interface NameIndex {
  /** Throws when PostgreSQL does not answer soon. */
  find(stream: string, names: readonly string[]): Promise<NameAnswer>;
}
