import { randomUUID } from 'node:crypto';
import { type EntityContract, routeOf } from '#contracts/entity-contract.js';
import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { Outcome } from '#libs/core/outcome.js';
import { withHashes } from '#libs/entity/activities/hash-chain.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { authorized } from './authorized.js';
import { envelopeOf, type TestCommand } from './command-envelope.builder.js';
import { historyOf } from './history.js';
import { outcomeIn } from './outcome-in.js';
import type { Performance, Stage } from './stage.js';

const WAIT_SECONDS = 20;

export interface FullStackOptions {
  readonly contract: EntityContract;
  /** Address of the services, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** The store of the services. The history of a scenario is written directly to it. */
  readonly store: EventStore;
  /** For commands that have no route, or a time of their own. */
  readonly gateway: EntityGateway;
}

/**
 * The whole product: a command is sent by REST, its outcome is read from its receipt, and its
 * events from the event feed.
 *
 * REST stamps commands with the real clock, and rules see the later of that and the time of the
 * last event, here that of the history, which is in the future. A command with its own time, or
 * a sender of its own, is sent through the gateway instead.
 */
export function onFullStack(options: FullStackOptions): Stage {
  const stage = new FullStack(options);
  return { perform: (history, command) => stage.perform(history, command) };
}

class FullStack {
  constructor(private readonly options: FullStackOptions) {}

  async perform(history: readonly DomainEvent[], command: TestCommand): Promise<Performance> {
    const { contract, store } = this.options;
    const id = randomUUID();
    const stream = streamName(contract.name, id);
    // The hashes let the entity resume from a snapshot of this history.
    await store.append(stream, -1, withHashes(stream, { revision: -1 }, historyOf(stream, history)));
    const isPublic = contract.commands[command.type]?.visibility === 'public';
    const outcome =
      isPublic && [command.at, command.sender, command.actor].every((given) => given === undefined)
        ? await this.post(id, command)
        : await this.send(stream, command);
    return { outcome, events: (await this.events(id)).slice(history.length, outcome.revision + 1) };
  }

  private async post(id: string, { type, data }: TestCommand): Promise<Outcome> {
    const reply = await fetch(this.urlOf(id, routeOf(type)), {
      method: 'POST',
      headers: { ...authorized(), 'content-type': 'application/json', prefer: `wait=${WAIT_SECONDS}` },
      body: JSON.stringify(data),
    });
    const body = (await reply.json()) as Partial<Outcome>;
    if (body.commandId === undefined) throw new Error(`${type} is answered ${JSON.stringify(body)}`);
    const receipt = await this.get<Outcome>(this.urlOf(id, `commands/${body.commandId}`));
    if (reply.ok ? body.status !== receipt.status : codeOf(body) !== codeOf(receipt)) {
      throw new Error(`${JSON.stringify(body)} in the reply is ${JSON.stringify(receipt)} on the receipt`);
    }
    return receipt;
  }

  private async send(stream: string, command: TestCommand): Promise<Outcome> {
    const envelope = envelopeOf(command, `${stream} the command`);
    return outcomeIn(await this.options.gateway.execute(stream, [envelope], WAIT_SECONDS * 1_000));
  }

  /** All events of the stream, as clients read them. */
  private async events(id: string): Promise<readonly DomainEvent[]> {
    const events: DomainEvent[] = [];
    let cursor: string | undefined;
    do {
      const next = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await this.get<EventPage>(this.urlOf(id, `events?limit=200${next}`));
      events.push(...(page.data ?? []).map(({ type, data }) => ({ type, data })));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return events;
  }

  /** The body of a reply. Throws for a problem, which has none of the requested data. */
  private async get<Body>(url: string): Promise<Body> {
    const reply = await fetch(url, { headers: authorized() });
    return (await reply.json()) as Body;
  }

  private urlOf(id: string, path: string): string {
    const { url, contract } = this.options;
    return `${url}/v1/${contract.plural}/${id}/${path}`;
  }
}

interface EventPage {
  readonly data?: readonly DomainEvent[];
  readonly nextCursor?: string;
}

function codeOf(outcome: Partial<Outcome>): string | undefined {
  return 'code' in outcome ? outcome.code : undefined;
}
