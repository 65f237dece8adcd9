import type { Call } from '#libs/entity/activities/call-outside.js';

/**
 * What the loan calls outside. All attempts of a reminder have the same key: a mail server that
 * knows it sends one mail.
 */
export const remind: Call = async ({ reader, book }, key) => {
  console.log(`${reader as string}, please return ${book as string} (${key})`);
  return {};
};
