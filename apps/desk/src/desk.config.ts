import { portOf } from '#contracts/services.js';
import { serviceConfig } from '#libs/service/service-config.js';

/** The environment of the service. */
export const deskConfig = serviceConfig(portOf('desk'));
