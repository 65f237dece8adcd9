import { z } from 'zod';
import { serviceConfig } from '#libs/service/service-config.js';

const DAY_SECONDS = 24 * 60 * 60;

const duration = (byDefault: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(366 * DAY_SECONDS)
    .default(byDefault);

/** The environment of the service. */
export const cartConfig = serviceConfig(3002).extend({
  CART_REMINDER_SECONDS: duration(DAY_SECONDS),
  CART_EXPIRY_SECONDS: duration(7 * DAY_SECONDS),
});

export type CartConfig = z.output<typeof cartConfig>;
