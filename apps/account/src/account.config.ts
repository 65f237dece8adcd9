import type { z } from 'zod';
import { serviceConfig } from '#libs/service/service-config.js';

/** The environment of the service. */
export const accountConfig = serviceConfig(3001);

export type AccountConfig = z.output<typeof accountConfig>;
