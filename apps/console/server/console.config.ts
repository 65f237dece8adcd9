import { z } from 'zod';
import { portVariable } from '#libs/api/http/read-config.js';

/** The environment of the front server. */
export const consoleConfig = z.object({
  PORT: portVariable(3000),
  HOST: z.string().default('127.0.0.1'),
  ACCOUNT_URL: z.url().default('http://127.0.0.1:3001'),
  CART_URL: z.url().default('http://127.0.0.1:3002'),
  INVENTORY_URL: z.url().default('http://127.0.0.1:3003'),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233'),
});

export type ConsoleConfig = z.output<typeof consoleConfig>;
