import 'reflect-metadata';
import { runServiceProcess } from '#libs/service/run-service-process.js';
import { inventoryConfig } from './inventory.config.js';
import { inventoryService } from './inventory.service.js';

await runServiceProcess('inventory', inventoryConfig, inventoryService);
