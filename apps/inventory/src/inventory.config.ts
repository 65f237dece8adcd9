import { z } from 'zod';
import { portOf } from '#contracts/services.js';
import { isTimeZone } from '#libs/schedules/schedule.js';
import { serviceConfig } from '#libs/service/service-config.js';

/** The environment of the service. */
export const inventoryConfig = serviceConfig(portOf('inventory')).extend({
  /** Who gets the digest of low stock, and the time zone of the morning in which it is sent. */
  LOW_STOCK_DIGEST_TO: z.email().default('warehouse@perdure.example'),
  LOW_STOCK_DIGEST_TIME_ZONE: z.string().refine(isTimeZone, 'must be a time zone').default('UTC'),
  /** The mail server, with user and password if it asks for them. */
  MAIL_URL: z.url({ protocol: /^smtps?$/ }).default('smtp://127.0.0.1:3025'),
  /** The sender of mail. */
  MAIL_FROM: z.email().default('warehouse@perdure.example'),
});

export type InventoryConfig = z.output<typeof inventoryConfig>;
