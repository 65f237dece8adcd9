import 'reflect-metadata';
import { runServiceProcess } from '#libs/service/run-service-process.js';
import { accountConfig } from './account.config.js';
import { accountService } from './account.service.js';

await runServiceProcess('account', accountConfig, accountService);
