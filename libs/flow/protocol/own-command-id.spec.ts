import { describe, expect, it } from '@jest/globals';
import { ownCommandId } from './own-command-id.js';

const waits = { type: 'RecordWaits', data: { waits: [] } };
const idOf = (
  command: typeof waits | { type: string; data: { result: number } },
  place = 'order-default.o-7/run.1',
) => ownCommandId(place, command);

describe('the id of a command of a flow to itself', () => {
  it('is the same in every replay', () => {
    expect(idOf(waits)).toBe(idOf({ ...waits }));
    expect(idOf(waits)).toMatch(/^order-default\.o-7\/run\.1\.[0-9a-f]{16}$/);
  });

  it('is another one for another command at the same place, and for the same at another place', () => {
    const end = { type: 'Complete', data: { result: 1 } };
    const ids = [
      idOf(waits),
      idOf(end),
      idOf({ ...end, data: { result: 2 } }),
      idOf(waits, 'order-default.o-7/run.2'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
