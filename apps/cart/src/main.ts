import 'reflect-metadata';
import { runServiceProcess } from '#libs/service/run-service-process.js';
import { cartConfig } from './cart.config.js';
import { cartService } from './cart.service.js';

await runServiceProcess('cart', cartConfig, cartService);
