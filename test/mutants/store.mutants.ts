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
    test: 'a message of appends that is read here with text that is not UTF-8 is refused, and the replacement character is not',
  },
  {
    id: 'position-reused',
    bug: 'The embedded event store gives a position out again after its newest events were erased.',
    file: 'tools/event-store/schema.ts',
    replace: '    and event.position < (select max(position) from event_store.events)\n',
    by: '',
    spec: 'test/store/erasing.spec.ts',
    test: 'the last event of the log stays until another follows, so that no position is given out twice',
  },
  {
    id: 'refusal-fails-all',
    bug: 'A write that PostgreSQL refuses makes the writes next to it fail, too.',
    file: 'tools/event-store/log-writer.ts',
    replace: 'REFUSED = /^(22|54)/',
    by: 'REFUSED = /^(XX|54)/',
    spec: 'test/store/outages.spec.ts',
    test: 'is not declared when the database refuses one write: that one fails, and those next to it are written',
  },
  {
    id: 'deadline-passed',
    bug: 'An append is written after its deadline.',
    file: 'tools/event-store/log-writer.ts',
    replace: 'this.refuseExpired();',
    by: 'if (this.isClosed) this.refuseExpired();',
    spec: 'test/store/outages.spec.ts',
    test: 'does not let an append be written after its deadline',
  },
];
