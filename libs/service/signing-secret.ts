import { z } from 'zod';

/**
 * The schema of an environment variable with a secret that signs texts: long enough, and one word,
 * so that a file with two secrets or with a comment is refused.
 */
export const signingSecret = z
  .string()
  .regex(/^\S{32,}$/, 'must have at least 32 characters, and no blank')
  .optional();
