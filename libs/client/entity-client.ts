import { type EntityContract, routeOf } from '#contracts/entity-contract.js';
import type {
  CommandData,
  CommandName,
  EventOf,
  ExecuteOptions,
  Executed,
  FeedItem,
  FeedOptions,
  Receipt,
  ReceiptOptions,
  SendOptions,
  Sent,
  StageName,
  StateOf,
} from './client.types.js';
import type { Connection } from './connection.js';
import { follow } from './follow.js';
import { freshKey } from './fresh-key.js';
import { CLIENT_CODES, PerdureProblem } from './perdure-problem.js';
import type { WrittenRevisions } from './written-revisions.js';

const ACCEPTED = 202;
/** The longest `Prefer: wait`. */
const MOST_SECONDS = 30;

/** Sends commands to one entity, and reads it. Every method throws {@link PerdureProblem}. */
export class EntityClient<C extends EntityContract> {
  /** Its address, such as `/v1/accounts/alice`. */
  readonly path: string;

  constructor(
    private readonly connection: Connection,
    private readonly written: WrittenRevisions,
    collection: string,
    readonly id: string,
  ) {
    this.path = `/v1/${collection}/${encodeURIComponent(id)}`;
  }

  /** Sends a command. Resolves once it is durable, which is before it is decided. */
  async send<Name extends CommandName<C>>(
    name: Name,
    data: CommandData<C, Name>,
    options: SendOptions = {},
  ): Promise<Sent> {
    const { key = freshKey() } = options;
    const { body } = await this.connection.json<Sent>(this.routeOf(name), asked(data, key, options));
    return body;
  }

  /**
   * Sends a command and resolves to its outcome once it is accepted. Throws a problem with the code
   * of the rejection if it is rejected, and `CLIENT.UNDECIDED` if the time runs out first.
   */
  async execute<Name extends CommandName<C>>(
    name: Name,
    data: CommandData<C, Name>,
    options: ExecuteOptions = {},
  ): Promise<Executed> {
    const { seconds = MOST_SECONDS, key = freshKey() } = options;
    const until = Date.now() + seconds * 1_000;
    for (;;) {
      const prefer = preferFor(until);
      const request = asked(data, key, options, prefer);
      const { status, headers, body } = await this.connection.json<Executed>(this.routeOf(name), request);
      if (status !== ACCEPTED) return this.executed(body, headers);
      // Under the same key it is the same command, whose outcome is then returned.
      if (Date.now() >= until) throw undecided(body.commandId, seconds);
    }
  }

  /** The live state. */
  async state({ signal }: { readonly signal?: AbortSignal } = {}): Promise<StateOf<C>> {
    return (await this.connection.json<StateOf<C>>(this.path, { signal })).body;
  }

  /** The live state, or undefined if the entity does not exist, or not for this caller. */
  async find(options: { readonly signal?: AbortSignal } = {}): Promise<StateOf<C> | undefined> {
    try {
      return await this.state(options);
    } catch (error) {
      if (error instanceof PerdureProblem && error.code === 'ENTITY.NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** The receipt of a command, once it has reached a stage or the time is up. */
  async receipt(commandId: string, options: ReceiptOptions = {}): Promise<Receipt> {
    const { until, seconds = 0, signal } = options;
    const end = Date.now() + seconds * 1_000;
    for (;;) {
      const headers = { prefer: seconds > 0 ? preferFor(end) : undefined };
      const { body } = await this.connection.json<Receipt>(this.receiptPath(commandId), {
        query: { until },
        headers,
        signal,
      });
      if (seconds <= MOST_SECONDS || Date.now() >= end || isAt(body, until)) return body;
    }
  }

  /** The receipt of a command at each of its stages, up to `until` (default: `projected`). */
  async *stages(
    commandId: string,
    { until, signal }: Omit<ReceiptOptions, 'seconds'> = {},
  ): AsyncGenerator<{ readonly stage: StageName; readonly receipt: Receipt }> {
    const options = { ...(signal && { signal }), ...(until && { query: { until } }) };
    for await (const { event, data } of follow(this.connection, this.receiptPath(commandId), options)) {
      yield { stage: event as StageName, receipt: JSON.parse(data) as Receipt };
    }
  }

  /** Its events as they are written, after those that it has. Resumes when it is interrupted. */
  async *feed(options: FeedOptions = {}): AsyncGenerator<FeedItem<EventOf<C>>> {
    for await (const { id, data } of follow(this.connection, `${this.path}/events`, options)) {
      yield { feedId: id, event: JSON.parse(data) as EventOf<C> };
    }
  }

  private routeOf(name: string): string {
    return `${this.path}/${routeOf(name)}`;
  }

  private receiptPath(commandId: string): string {
    return `${this.path}/commands/${encodeURIComponent(commandId)}`;
  }

  private executed(body: Executed, headers: Headers): Executed {
    const token = headers.get('consistency-token') ?? '';
    this.written.add(token);
    return { ...body, isReplayed: headers.has('idempotent-replayed'), token };
  }
}

function asked(data: unknown, key: string, options: SendOptions, prefer?: string) {
  const { ifRevision, correlationId, signal } = options;
  const headers = {
    'idempotency-key': key,
    'if-match': ifRevision === undefined ? undefined : `"${ifRevision}"`,
    'x-correlation-id': correlationId,
    prefer,
  };
  return { method: 'POST', body: data, headers, signal, isSafe: true } as const;
}

function preferFor(until: number): string {
  const left = Math.ceil((until - Date.now()) / 1_000);
  return `wait=${Math.min(Math.max(left, 1), MOST_SECONDS)}`;
}

/** Whether there is nothing more to wait for. */
function isAt({ status, stages }: Receipt, until: StageName = 'decided'): boolean {
  if (status === 'pending') return false;
  const states = until === 'projected' ? stages.projected : [stages[until]];
  return status !== 'accepted' || states.every(({ state }) => state === 'done' || state === 'parked');
}

function undecided(commandId: string, seconds: number): PerdureProblem {
  const detail = `the command was not decided in ${seconds} s; its receipt tells how it ends`;
  return new PerdureProblem(0, { code: CLIENT_CODES.undecided, detail, commandId });
}
