import 'reflect-metadata';
import { runServiceProcess } from '#libs/service/run-service-process.js';
import { deskConfig } from './desk.config.js';
import { deskService } from './desk.service.js';

await runServiceProcess('desk', deskConfig, deskService);
