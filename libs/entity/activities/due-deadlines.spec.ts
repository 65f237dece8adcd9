import { describe, expect, it } from '@jest/globals';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';
import { moment } from '#libs/testing/moments.js';
import type { Defect } from './decide-command.js';
import { DueDeadlines } from './due-deadlines.js';
import { emptyFold } from './fold-stream.js';
import { PlannedAppend } from './planned-append.js';

/** Its state is a list of times; `Rung` removes the first. */
function alarms(times: readonly string[]): AnyDecider {
  return {
    name: 'alarms',
    stateVersion: 1,
    initialState: { times },
    decide: () => [],
    evolve: (state: { times: readonly string[] }, { type }: DomainEvent) =>
      type === 'Rung' ? { times: state.times.slice(1) } : state,
    deadline: (state: { times: readonly string[] }) => {
      const [at] = state.times;
      return at === undefined ? undefined : { at, subject: at, command: { type: 'Ring', data: {} } };
    },
  };
}

const stream = 'alarms-default.one';

/** Deadlines whose command writes these events. */
function deadlines(decider: AnyDecider, event: DomainEvent, status: 'accepted' | 'rejected' = 'accepted') {
  const planned = new PlannedAppend(decider, stream, emptyFold(decider));
  const defects: Defect[] = [];
  const decide = (envelope: CommandEnvelope): Outcome => {
    if (status === 'accepted') planned.add(planned.continuedBy(envelope, [event], envelope.sentAt));
    return { status, commandId: envelope.commandId } as Outcome;
  };
  return { due: new DueDeadlines(decider, stream, planned, decide, defects), planned, defects };
}

const rung = { type: 'Rung', data: {} };

describe('due deadlines', () => {
  it('are met up to a time, each at its own', () => {
    const { due, planned } = deadlines(alarms([moment(1), moment(2), moment(3)]), rung);
    due.meetUntil(moment(2));
    expect(planned.events.map(({ metadata }) => metadata.at)).toEqual([moment(1), moment(2)]);
    expect(due.left).toBe('none');
  });

  it('are left when the append is full', () => {
    const large = { type: 'Rung', data: { text: 'x'.repeat(600 * 1024) } };
    const { due, planned } = deadlines(alarms([moment(1), moment(2)]), large);
    due.meetUntil(moment(2));
    expect(planned.events).toHaveLength(1);
    expect(due).toMatchObject({ left: 'left', isFull: true });
  });

  it.each([
    ['is rejected', rung, 'rejected'],
    ['leaves the deadline in place', { type: 'Ignored', data: {} }, 'accepted'],
  ] as const)('are unmet when their command %s', (_, event, status) => {
    const { due, defects } = deadlines(alarms([moment(1)]), event, status);
    due.meetUntil(moment(2));
    expect(due.left).toBe('unmet');
    expect(defects).toHaveLength(1);
  });
});
