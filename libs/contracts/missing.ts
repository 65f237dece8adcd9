import { z } from 'zod';
import { notPersonal } from './personal-data.js';

/** What an answer could not be completed from, and why. */
export const missing = z
  .array(
    z.strictObject({
      source: notPersonal(z.string()).meta({ examples: ['cart service'] }),
      reason: notPersonal(z.string()).meta({ examples: ['does not answer'] }),
    }),
  )
  .meta({ description: 'What did not answer in time; the answer is complete without it' });
