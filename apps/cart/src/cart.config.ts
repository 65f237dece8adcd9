import { z } from 'zod';
import { portOf } from '#contracts/services.js';
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
export const cartConfig = serviceConfig(portOf('cart')).extend({
  CART_REMINDER_SECONDS: duration(DAY_SECONDS),
  CART_EXPIRY_SECONDS: duration(7 * DAY_SECONDS),
  /** A checkout that has not started fulfilment after this long is undone. */
  CHECKOUT_PATIENCE_SECONDS: duration(600),
  /** How long the provider of fulfilment may take, if it answers later. */
  FULFILMENT_SECONDS: duration(30 * DAY_SECONDS),
  /** The provider that fulfils orders. */
  FULFILMENT_URL: z.url().default('http://127.0.0.1:3009'),
  /** The mail server, with user and password if it asks for them. */
  MAIL_URL: z.url({ protocol: /^smtps?$/ }).default('smtp://127.0.0.1:3025'),
  /** The sender of mail. */
  MAIL_FROM: z.email().default('shop@perdure.example'),
});

export type CartConfig = z.output<typeof cartConfig>;
