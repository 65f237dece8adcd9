import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createLogger } from './logger.js';

const descriptorOf = (logger: object): unknown =>
  (Reflect.get(logger, pino.symbols.streamSym) as { readonly fd: number }).fd;

it('a process logs to standard output, unless it says something else there', () => {
  expect(descriptorOf(createLogger('spec'))).toBe(1);
  expect(descriptorOf(createLogger('spec', 'stderr'))).toBe(2);
});
