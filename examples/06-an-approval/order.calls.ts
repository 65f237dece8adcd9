import type { Call } from '#libs/entity/activities/call-outside.js';

/** Stands in for a warehouse. */
const fulfil: Call = async ({ order }) => {
  console.log(`fulfil ${order as string}`);
  return {};
};

/** Stands in for a mail server. */
const sendMail: Call = async ({ to, text }) => {
  console.log(`mail to ${to as string}: ${text as string}`);
  return {};
};

/** What the flow calls outside. */
export const orderCalls = { fulfil, 'send-mail': sendMail };
