import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '#libs/runtime/logger.js';
import { type Stoppable, stopInOrder } from './run-service.js';

const logger = createLogger('spec');
logger.level = 'silent';

describe('the end of a process', () => {
  const said: string[] = [];
  const part = (name: string, milliseconds = 0, failure?: Error): Stoppable => ({
    close: async () => {
      said.push(`${name} stops`);
      await pause(milliseconds, undefined, { ref: false });
      if (failure) throw failure;
      said.push(`${name} stopped`);
    },
  });

  it('proceeds step by step, past failures and time-outs', async () => {
    const steps = [
      [part('http', 20)],
      [part('worker', 10, new Error('no')), part('relay', 20)],
      [part('stuck', 60_000)],
      [part('pool')],
    ];
    await stopInOrder(steps, logger, 100);
    expect(said).toEqual([
      'http stops',
      'http stopped',
      'worker stops',
      'relay stops',
      'relay stopped',
      'stuck stops',
      'pool stops',
      'pool stopped',
    ]);
  });
});
