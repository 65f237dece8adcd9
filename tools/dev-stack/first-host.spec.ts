import { expect, test } from '@jest/globals';
import { firstHost } from './first-host.js';

test.each([
  ['127.0.0.1:7233', '127.0.0.1', 7233],
  ['temporal.example', 'temporal.example', 1],
  ['one:9092,two:9093', 'one', 9092],
  ['postgres://user:p%40ss@db.example:5432/perdure?sslmode=require', 'db.example', 5432],
  ['esdb://127.0.0.1:2113?tls=false', '127.0.0.1', 2113],
  ['esdb+discover://admin:changeit@a:2113,b:2113', 'a', 2113],
  ['[::1]:7233', '::1', 7233],
])('%s is reached at %s port %i', (address, host, port) => {
  expect(firstHost(address, 1)).toEqual({ host, port });
});
