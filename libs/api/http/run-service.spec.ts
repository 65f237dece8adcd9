import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { loggerTo } from '#libs/runtime/logger.js';
import { pino } from 'pino';
import { endAtUncaughtErrors, type Stoppable, stopInOrder } from './run-service.js';

const logger = pino({ level: 'silent' });

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

it('an error that nothing handles is logged without the fields of drivers, and ends the process', () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  const lines: string[] = [];
  endAtUncaughtErrors(loggerTo({ write: (line) => void lines.push(line) }, 'spec'));
  process.emit('uncaughtException', Object.assign(new Error('gone'), { connectionString: 'nightjar' }));
  expect(exit).toHaveBeenCalledWith(1);
  expect(lines.join('')).toContain('"message":"gone"');
  expect(lines.join('')).not.toContain('nightjar');
  process.removeAllListeners('uncaughtException');
  exit.mockRestore();
});
