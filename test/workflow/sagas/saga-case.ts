import type { DomainEvent } from '#libs/core/decider.js';
import { streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { toTimestamp } from '#libs/core/timestamp.js';
import { EngineUnavailableError, onlyReceipt } from '#libs/entity/gateway/entity-gateway.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { historyOf } from '#libs/testing/history.js';
import { deposited, opened } from '../../../apps/account/src/domain/account.fixture.js';
import { added, created } from '../../../apps/cart/src/domain/cart.fixture.js';
import { checkoutSagaId } from '../../../apps/cart/src/domain/checkout.saga.js';
import { received } from '../../../apps/inventory/src/domain/inventory.fixture.js';
import { eventually } from '../../support/account-rest.js';
import { Gate } from './gate.js';
import { type Cell, type Ending, nameOf, REPORT } from './matrix.js';
import type { TemporalServer } from './temporal-server.js';
import type { Place, Verdict } from './workers-home.js';

const PATIENCE_MILLISECONDS = 100_000;
const PRICE = 300;
const CUSTOMER = 'alice';

const openedByCustomer = { ...opened, data: { ...opened.data, owner: CUSTOMER } };

function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof EngineUnavailableError)) throw error;
}

/** The saga of one cell, with its own entities, whose names identify the cell. */
export class SagaCase {
  readonly name: string;
  readonly gate: Gate;
  /** Of the saga. */
  readonly stream: string;
  private readonly id: string;

  constructor(
    readonly cell: Cell,
    private readonly server: TemporalServer,
    /** Awaited before the step of the cell starts. */
    departure = Promise.resolve(),
  ) {
    const { saga, step, isUndoing, fault } = cell;
    this.name = nameOf(cell);
    this.id = [saga, ...fault.name.split(' '), ...(isUndoing ? ['undoing'] : []), step].join('-');
    this.gate = new Gate(cell, departure);
    this.stream =
      saga === 'transfer'
        ? streamName(saga, this.id)
        : streamName('checkout', checkoutSagaId(this.id, 'checkout-1'));
  }

  /** The accounts and items between which it moves money and pieces. */
  get accounts(): readonly string[] {
    const names = this.cell.saga === 'transfer' ? ['from', 'to'] : ['payer'];
    return names.map((name) => this.own('account', name));
  }

  get items(): readonly string[] {
    return this.cell.saga === 'transfer' ? [] : ['a', 'b'].map((name) => this.own('inventory', name));
  }

  /** Provides money and stock, and starts the saga. */
  async begin(): Promise<void> {
    for (const account of this.accounts) await this.write(account, openedByCustomer, deposited(10_000));
    for (const item of this.items) await this.write(item, received(10));
    if (this.cell.saga === 'transfer') {
      const [from, to] = [this.idOf('from'), this.idOf('to')];
      return this.send(this.stream, 'Start', { from, to, amount: 2 * PRICE, currency: 'USD' });
    }
    const cart = streamName('cart', this.id);
    await this.write(cart, created, added(this.idOf('a'), 2, PRICE), added(this.idOf('b'), 2, PRICE));
    const byCard = { payment: { method: 'card', card: 'tok_visa' } };
    return this.send(
      cart,
      'Checkout',
      this.cell.saga === 'card' ? byCard : { accountId: this.idOf('payer') },
    );
  }

  /** Returns when the step of the cell is about to start. */
  async untilThere(): Promise<void> {
    await this.until(() => this.gate.hasCome);
  }

  /** Returns when the fault has occurred. */
  async untilStruck(): Promise<void> {
    await this.until(() => this.gate.isStruck);
  }

  /**
   * Returns when the end of its order may be reported: the saga waits for that, or the answer to
   * its call is lost.
   */
  async untilReportable(): Promise<void> {
    const { step, fault } = this.cell;
    const mayOvertake = step === 'fulfil' && fault.kind === 'silence';
    await this.until(() => this.types.includes('StepWaiting') || (mayOvertake && this.gate.isStruck));
  }

  /** Where the report of that end is. */
  passReport(place: Place): Promise<Verdict> {
    return this.gate.pass(place, { saga: this.cell.saga, step: REPORT, isUndoing: false });
  }

  async untilTold(type: string): Promise<void> {
    await this.until(() => this.types.includes(type));
  }

  async untilEnded(): Promise<Ending> {
    await this.until(() => this.ending !== undefined);
    return this.ending ?? 'completed';
  }

  /** The saga's answer to a command: `accepted`, or the code of the rejection. */
  async tell(type: string, data: JsonObject): Promise<string> {
    const envelope = this.envelope(this.stream, type, data);
    const execute = () => this.server.gateway.execute(this.stream, [envelope], 20_000);
    const ask = () => execute().then(onlyReceipt).catch(ignoreUnavailable);
    const receipt = await eventually(ask, (answer) => answer !== undefined && answer.status !== 'pending');
    if (!receipt || receipt.status === 'pending') throw new Error(`${this.name}: ${type} is not answered`);
    return receipt.status === 'accepted' ? receipt.status : receipt.code;
  }

  private async send(stream: string, type: string, data: JsonObject): Promise<void> {
    await this.server.gateway.send(stream, [this.envelope(stream, type, data)]);
  }

  private envelope(stream: string, type: string, data: JsonObject): CommandEnvelope {
    return envelopeOf({ type, data, at: toTimestamp(Date.now()) }, `${stream} ${type}`);
  }

  private get types(): readonly string[] {
    return this.server.store.eventsOf(this.stream).map(({ type }) => type);
  }

  private get ending(): Ending | undefined {
    const last = this.types.at(-1);
    if (last === 'SagaCompleted') return 'completed';
    return last === 'SagaCompensated' ? 'compensated' : undefined;
  }

  private async until(isSo: () => boolean): Promise<void> {
    const ask = async () => ({ of: this.name, isSo: isSo(), last: this.types.slice(-3) });
    await eventually(ask, (answer) => answer.isSo, PATIENCE_MILLISECONDS, 100);
  }

  private async write(stream: string, ...events: readonly DomainEvent[]): Promise<void> {
    const { store } = this.server;
    await store.append(stream, -1, historyOf(stream, events, toTimestamp(Date.now())));
  }

  private own(category: string, name: string): string {
    return streamName(category, this.idOf(name));
  }

  private idOf(name: string): string {
    return `${this.id}-${name}`;
  }
}
