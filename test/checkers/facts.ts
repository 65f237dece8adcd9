/**
 * The input of the checkers: plain data, gathered by those who ran something, without any code of
 * the product.
 */

/** An event as a reader of streams sees it. */
export interface EventFact {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly commandId: string;
  /** Its position among the events of its command, and their number. */
  readonly index: number;
  readonly count: number;
}

/** What a client knows of a command that it sent one or more times. */
export interface CommandFact {
  readonly stream: string;
  readonly commandId: string;
  /** `unknown`: there was never an answer. */
  readonly answer: 'accepted' | 'rejected' | 'unknown';
  /** What the receipt says in the end. Absent if the command is unknown. */
  readonly receipt?: string | undefined;
  /** What the client wanted: the same for all commands that are meant to do the same thing once. */
  readonly intent?: string;
}

/** A record of a topic. */
export interface RecordFact {
  readonly key: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly id: string;
  readonly revision: number;
}

/** The live state of an entity, or the state folded from its stream. */
export interface StateFact {
  readonly stream: string;
  readonly revision: number;
  readonly state: unknown;
}

/** A row of a view, by table and key. */
export interface RowFact {
  readonly table: string;
  readonly key: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** The revision of an entity in a view at one observation. Observations are in order of time. */
export interface ViewLook {
  readonly view: string;
  readonly stream: string;
  readonly revision: number;
}

/** A balance shown for an account. */
export interface BalanceFact {
  readonly stream: string;
  readonly currency: string;
  readonly balance: number;
}

/** Groups facts, in their order. */
export function groupBy<T>(facts: Iterable<T>, keyOf: (fact: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const fact of facts) {
    const key = keyOf(fact);
    const group = groups.get(key);
    if (group) group.push(fact);
    else groups.set(key, [fact]);
  }
  return groups;
}
