import { lowStockDigestContract } from '#contracts/low-stock-digest/low-stock-digest.contract.js';
import { defineSchedule, type Schedule } from '#libs/schedules/schedule.js';
import type { InventoryConfig } from './inventory.config.js';

/** What the service starts at certain times. */
export function inventorySchedules(config: InventoryConfig): readonly Schedule[] {
  return [
    defineSchedule({
      name: 'low-stock-digest',
      flow: lowStockDigestContract,
      input: { to: config.LOW_STOCK_DIGEST_TO },
      at: [{ hour: 6 }],
      timeZone: config.LOW_STOCK_DIGEST_TIME_ZONE,
      // A digest of the morning is of no use in the evening.
      catchUpWindow: '4h',
    }),
  ];
}
