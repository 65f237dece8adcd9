import type { Mutant } from './mutant.js';

/** Bugs in the embedded event store. */
export const storeMutants: readonly Mutant[] = [
  {
    id: 'text-not-utf8',
    bug: 'Two names that are no UTF-8 become one.',
    file: 'tools/event-store/proto-reader.ts',
    replace: 'text.includes(REPLACEMENT) && ',
    by: 'text === REPLACEMENT && ',
    spec: 'tools/event-store/append-message.spec.ts',
    test: 'a message of appends that is read here with text that is no UTF-8 is refused, and the sign that stands for',
  },
];
