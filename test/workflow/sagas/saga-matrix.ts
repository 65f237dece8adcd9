import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import type { JsonObject } from '#libs/core/json.js';
import { WrongExpectedRevisionError } from '#libs/event-store/event-store.errors.js';
import type { RecordedEvent } from '#libs/event-store/event-store.js';
import { eachOf } from '#libs/runtime/each-of.js';
import { CANCEL_FULFILMENT, FULFIL } from '../../../apps/cart/src/domain/checkout.saga.js';
import { checkMoney } from '../../checkers/money.checker.js';
import { checkOnce } from '../../checkers/once.checker.js';
import { checkSagas } from '../../checkers/saga.checker.js';
import { checkStock } from '../../checkers/stock.checker.js';
import type { BalanceFact, EventFact } from '../../checkers/facts.js';
import type { StockFact } from '../../checkers/stock.checker.js';
import { replayErrors } from '../../support/replayed-runs.js';
import { LateProvider } from './late-provider.js';
import { MortalWorkers } from './mortal-workers.js';
import type { SagaCase } from './saga-case.js';
import { services } from './services.js';
import { TemporalServer } from './temporal-server.js';
import type { Place, Verdict, WorkersHome } from './workers-home.js';

/** Sagas or entities at a time: more would only wait for each other. */
export const SIDE_BY_SIDE = 10;

/**
 * A Temporal server, the workers of all services in a process that may die, and what outlives it.
 */
export class SagaMatrix implements WorkersHome {
  readonly server = new TemporalServer();
  readonly workers = new MortalWorkers(this, () => this.server.address);
  readonly provider = new LateProvider(this.server);
  /** Orders that the provider of fulfilment is to deliver. */
  readonly orders = new Set<string>();
  /** The states of payments by card, by their ids. */
  readonly payments = new Map<string, string>();
  private readonly cases = new Map<string, SagaCase>();

  async open(): Promise<void> {
    await this.server.open();
    await this.workers.start();
  }

  async close(): Promise<void> {
    await this.workers.kill();
    await this.server.close();
  }

  add(one: SagaCase): void {
    this.cases.set(one.stream, one);
  }

  /** Violations concerning money, stock, sagas and events, with the name of the cell. */
  async violations(): Promise<readonly string[]> {
    const { events } = await this.server.store.readAll({ streamPrefix: '', limit: Infinity });
    const facts = events.map(({ metadata, ...event }): EventFact => ({ ...event, ...metadata }));
    const cases = [...this.cases.values()];
    const accounts = await this.states(cases.flatMap((one) => one.accounts));
    const items = await this.states(cases.flatMap((one) => one.items));
    return [
      ...checkMoney(facts, { entities: accounts as readonly BalanceFact[] }),
      ...checkStock(facts, { entities: items as readonly StockFact[] }),
      ...checkSagas(facts),
      ...checkOnce(facts),
    ];
  }

  /** Errors of sagas whose histories the code cannot replay. */
  async replayErrors(): Promise<Readonly<Record<string, string>>> {
    const workflows = [...this.cases.keys()].map((workflowId) => {
      const category = parseStreamName(workflowId)?.category;
      const service = services.find(({ deciders }) => deciders.some(({ name }) => name === category));
      return { workflowId, codePath: service?.workflowBundle ?? '' };
    });
    return replayErrors(this.server.client, workflows);
  }

  async append(...[stream, expected, events]: Parameters<WorkersHome['append']>) {
    try {
      return { revision: await this.server.store.append(stream, expected, events) };
    } catch (error) {
      if (error instanceof WrongExpectedRevisionError) return { actual: error.actual };
      throw error;
    }
  }

  async read(...[stream, options]: Parameters<WorkersHome['read']>) {
    const events: RecordedEvent[] = [];
    for await (const event of this.server.store.read(stream, options)) events.push(event);
    return events;
  }

  async call(name: string, { order, id, callbackUrl }: JsonObject) {
    if (name === FULFIL) {
      this.orders.add(order as string);
      const one = this.cases.get(streamName('checkout', order as string));
      if (one?.cell.saga === 'later') {
        this.provider.take(one, callbackUrl as string);
        return { later: true };
      }
    }
    if (name === CANCEL_FULFILMENT) this.orders.delete(order as string);
    return typeof id === 'string' ? { id, state: this.pay(name, id) } : {};
  }

  /** The state of a payment after a call. One that was given back stays so. */
  private pay(call: string, id: string): string {
    const { payments } = this;
    const state = payments.get(id);
    if (call === 'undo-card') payments.set(id, 'voided');
    if (call === 'authorise-card' && state === undefined) payments.set(id, 'created');
    if (call === 'capture-card' && state === 'created') payments.set(id, 'succeeded');
    return payments.get(id) ?? 'unknown';
  }

  async pass(place: Place, effectId: string): Promise<Verdict> {
    const reported = this.provider.caseOf(effectId);
    if (reported) return reported.passReport(place);
    const [, stream = '', revision, step = ''] = /^(.*)@(\d+)\/(.*)$/.exec(effectId) ?? [];
    const one = this.cases.get(stream);
    if (!one) return 'go';
    const before = this.server.store.eventsOf(stream).slice(0, Number(revision) + 1);
    const isUndoing = before.some(({ type }) => type === 'CompensationStarted');
    return one.gate.pass(place, { saga: one.cell.saga, step, isUndoing });
  }

  /** The states according to the entities themselves. */
  private async states(streams: readonly string[]): Promise<readonly object[]> {
    const states: object[] = [];
    await eachOf(streams, SIDE_BY_SIDE, async (stream) => {
      states.push({ stream, ...(await this.server.gateway.state(stream))?.state });
    });
    return states;
  }
}
