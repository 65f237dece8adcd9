import { z } from 'zod';
import { provider } from '#contracts/callback/callback.fields.js';
import { interestTerms } from '#contracts/interest-run/interest.fields.js';
import { portOf } from '#contracts/services.js';
import { serviceConfig } from '#libs/service/service-config.js';

/** The environment of the service. */
export const accountConfig = serviceConfig(portOf('account')).extend({
  /** The provider that charges cards. */
  CARD_PROVIDER_URL: z.url().default('http://127.0.0.1:3008'),
  /** The name under which the desk service takes its webhooks, if it sends any. */
  CARD_WEBHOOKS: provider.optional(),
  /** The interest of a year in hundredths of a percent. Without it, no schedule credits any. */
  INTEREST_RATE_BASIS_POINTS: z.coerce.number().pipe(interestTerms.shape.rateBasisPoints).optional(),
  INTEREST_DAY_COUNT: interestTerms.shape.dayCount.default('actual/365'),
});

export type AccountConfig = z.output<typeof accountConfig>;
