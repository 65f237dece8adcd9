import type { z } from 'zod';
import { portOf } from '#contracts/services.js';
import { serviceConfig } from '#libs/service/service-config.js';

/** The environment of the service. */
export const accountConfig = serviceConfig(portOf('account'));

export type AccountConfig = z.output<typeof accountConfig>;
