import { z } from 'zod';
import { type CommandsOf, type EventsOf, type Exact, defineContract } from '../entity-contract.js';
import { collectionOf } from '../services.js';
import { priceCommands } from './price.commands.js';
import { listedPrice, priceEvents } from './price.events.js';
import { priceRejections } from './price.rejections.js';

/** The public contract of the price list of an item. */
export const priceContract = defineContract({
  name: 'price',
  plural: collectionOf('price'),
  summary: 'The prices of an item, by its SKU: one in each currency at any time, and those that are planned',
  access: { read: ['anyone'], feed: ['role:pricing', 'role:support'] },
  commands: priceCommands,
  events: priceEvents,
  view: z.strictObject({
    prices: z.array(listedPrice).meta({ description: 'The valid prices, one in each currency' }),
    planned: z.array(listedPrice).meta({ description: 'Prices that begin later, the next one first' }),
  }),
  rejections: priceRejections,
});

/** A command as the rules of the price list see it. */
export type PriceCommand = CommandsOf<typeof priceContract>;

/** An event of a price list's stream. */
export type PriceEvent = EventsOf<typeof priceContract>;

/** A price in a currency, and when it is valid. */
export type ListedPrice = Exact<z.output<typeof listedPrice>>;

/** The view of a price list, which is also its state: carts read it. */
export interface PriceList {
  /** One in each currency. */
  readonly prices: readonly ListedPrice[];
  /** Those that begin later, the next one first. */
  readonly planned: readonly ListedPrice[];
}
