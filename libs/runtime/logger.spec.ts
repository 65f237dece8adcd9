import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createLogger, loggerTo } from './logger.js';

const descriptorOf = (logger: object): unknown =>
  (Reflect.get(logger, pino.symbols.streamSym) as { readonly fd: number }).fd;

it('a process logs to standard output, unless it says something else there', () => {
  expect(descriptorOf(createLogger('spec'))).toBe(1);
  expect(descriptorOf(createLogger('spec', 'stderr'))).toBe(2);
});

/** The line that is written for an error under this key. */
function lineFor(error: unknown, key = 'err'): string {
  const lines: string[] = [];
  loggerTo({ write: (line) => void lines.push(line) }, 'spec').warn({ [key]: error }, 'it failed');
  return lines.join('');
}

describe('an error in a log', () => {
  it.each(['err', 'error'])('has its type, message, code, frames and cause, under %s', (key) => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', port: 5432 });
    const line = JSON.parse(lineFor(new TypeError('no answer', { cause }), key)) as Record<string, unknown>;
    expect(line[key]).toEqual({
      type: 'TypeError',
      message: 'no answer',
      stack: expect.stringMatching(/^ {4}at .*logger\.spec/),
      cause: expect.objectContaining({ message: 'refused', code: 'ECONNREFUSED', port: 5432 }),
    });
  });

  it.each([
    ['the row that PostgreSQL refused', { detail: 'Failing row contains (nightjar)', where: 'nightjar' }],
    ['the connection string of a client', { connectionString: 'esdb://admin:nightjar@host' }],
    ['the input that is no address', { input: 'postgres://nightjar' }],
    ['the request that failed', { config: { headers: { authorization: 'nightjar' } } }],
  ])('does not have %s', (_, fields) => {
    expect(lineFor(Object.assign(new Error('it failed'), fields))).not.toContain('nightjar');
  });

  it('does not repeat a message of several lines in its stack', () => {
    const error = new Error('first\n    nightjar');
    expect(lineFor(error).split('nightjar')).toHaveLength(2);
  });

  it('has at most six levels', () => {
    let error = new Error('0');
    for (let level = 1; level < 20; level++) error = new Error(String(level), { cause: error });
    expect(lineFor(error).split('"message"')).toHaveLength(7);
  });
});

it('a line has no credential, wherever it comes from', () => {
  expect(lineFor({ deep: { link: 'https://x/?token=nightjar1' } })).not.toContain('nightjar1');
});
