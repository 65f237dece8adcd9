import type { WorkersHome } from './workers-home.js';

/** A request to the process that has forked this one. */
export interface Question {
  readonly number: number;
  readonly name: keyof WorkersHome;
  readonly args: readonly unknown[];
}

/** Its answer. There is none if the requester is to block. */
export interface Answer {
  readonly number: number;
  readonly value: unknown;
}

const waiting = new Map<number, (value: unknown) => void>();
let asked = 0;

process.on('message', ({ number, value }: Answer) => {
  waiting.get(number)?.(value);
  waiting.delete(number);
});

function ask(name: keyof WorkersHome, args: readonly unknown[]): Promise<unknown> {
  asked += 1;
  const question: Question = { number: asked, name, args };
  return new Promise((resolve) => {
    waiting.set(question.number, resolve);
    process.send?.(question);
  });
}

/** In a forked process: what its parent does for it. */
export const home: WorkersHome = {
  append: (...args) => ask('append', args) as ReturnType<WorkersHome['append']>,
  read: (...args) => ask('read', args) as ReturnType<WorkersHome['read']>,
  call: (...args) => ask('call', args) as ReturnType<WorkersHome['call']>,
  pass: (...args) => ask('pass', args) as ReturnType<WorkersHome['pass']>,
};
