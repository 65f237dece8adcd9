import { EventStoreDBClient, START } from '@eventstore/db-client';
import type { Totals, TotalsReader } from '../totals.js';

/** Reads `$all` of the event store from the first event to the last. */
export function streamsReader(url: string, prefix: string): TotalsReader {
  return {
    source: 'streams (EventStoreDB)',
    read: async () => {
      const client = EventStoreDBClient.connectionString(url);
      const sums = new StreamSums(prefix);
      for await (const { event } of client.readAll({ fromPosition: START })) {
        if (event) sums.add(event.streamId, event.type, event.data as Data);
      }
      await client.dispose();
      return sums.totals();
    },
  };
}

type Data = Readonly<Record<string, unknown>>;

class StreamSums {
  private customers = 0;
  private purchases = 0;
  private cds = 0;
  private sold = 0;
  private captured = 0;
  private received = 0;
  private taken = 0;

  constructor(private readonly prefix: string) {}

  add(stream: string, type: string, data: Data): void {
    if (stream.startsWith(`account-default.${this.prefix}`)) this.addAccountEvent(type, data);
    else if (stream.startsWith(`cart-default.${this.prefix}`)) this.addCartEvent(type, data);
    else if (/^inventory-default\.cd-[ab]-\d+$/.test(stream)) this.addStockEvent(type, data);
  }

  totals(): Totals {
    const { customers, purchases, cds, sold, captured, received, taken } = this;
    const stock = { received, taken, left: received - taken };
    return { customers, purchases, cds, sold, captured, stock };
  }

  private addAccountEvent(type: string, data: Data): void {
    if (type === 'AccountOpened') this.customers += 1;
    if (type === 'HoldCaptured') this.captured += Number(data['captured']);
  }

  private addCartEvent(type: string, data: Data): void {
    if (type !== 'CheckoutCompleted') return;
    this.purchases += 1;
    this.sold += Number(data['total']);
  }

  private addStockEvent(type: string, data: Data): void {
    const quantity = Number(data['quantity']);
    if (type === 'StockReceived') this.received += quantity;
    if (type === 'ReservationConfirmed') this.goOut(quantity, data['reservationId']);
    if (type === 'ReservationReturned') this.goOut(-quantity, data['reservationId']);
  }

  private goOut(quantity: number, reservationId: unknown): void {
    this.taken += quantity;
    if (String(reservationId).startsWith(this.prefix)) this.cds += quantity;
  }
}
