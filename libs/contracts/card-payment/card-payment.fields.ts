import { z } from 'zod';
import { callbackMessage } from '../callback/callback.fields.js';

const paymentReport = z.strictObject({ callback: callbackMessage });

/** What the provider of cards reports by webhooks. */
export type PaymentReport = z.output<typeof paymentReport>;

/** The messages of flows that wait for a payment. */
export const paymentMessages = {
  PaymentChanged: { schema: paymentReport, summary: 'The provider reports a state of the payment' },
};
