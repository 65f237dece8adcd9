/** What the checkers look at: plain data, gathered by whoever ran something, with no code of the product in between. */

/** An event as a reader of streams sees it. */
export interface EventFact {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly commandId: string;
  /** Its place among the events of its command, and how many they are. */
  readonly index: number;
  readonly count: number;
}

/** What a client knows of a command that it sent once or often. */
export interface CommandFact {
  readonly stream: string;
  readonly commandId: string;
  /** `unknown`: no answer ever came. */
  readonly answer: 'accepted' | 'rejected' | 'unknown';
  /** What the receipt says in the end; absent when nobody knows of the command. */
  readonly receipt?: string | undefined;
  /** What the client wanted: the same for all commands that are meant to do the same one thing. */
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

/** The live state of an entity, or the state that its stream comes to. */
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

/** How far a view was with an entity when somebody looked; looks come in the order of time. */
export interface ViewLook {
  readonly view: string;
  readonly stream: string;
  readonly revision: number;
}

/** An amount of money that somebody shows for an account. */
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
