import { describe, expect, it } from '@jest/globals';
import type { EntityInput } from '#libs/entity/protocol/entity-messages.js';
import { scheduledStart, scheduledTimeOf } from './scheduled-start.js';

const stream = 'digest-default.daily-2026-10-25T01:30:00Z';
const now = '2026-10-25T01:30:01.234Z';
const scheduled = { schedule: 'shop-default.daily', input: { to: 'ann@example.com' }, timeField: 'day' };
const argument = (more: object = {}) => ({ stream: '', scheduled: { ...scheduled, ...more } }) as EntityInput;

describe('the start of a scheduled flow', () => {
  it('has the scheduled time in its input and in its id, however late it is', () => {
    const start = scheduledStart(stream, argument(), now);
    expect(start).toMatchObject({
      type: 'Start',
      data: { to: 'ann@example.com', day: '2026-10-25T01:30:00.000Z' },
      commandId: `${stream}/start`,
      keyId: `${stream}/start`,
      actor: 'system:schedule',
      causationId: 'shop-default.daily',
      sentAt: now,
    });
    const again = scheduledStart(stream, argument({ input: {} }), '2027-01-01T00:00:00.000Z');
    expect(again?.commandId).toBe(start?.commandId);
  });

  it('leaves the input alone unless a field is to have the time', () => {
    expect(scheduledStart(stream, argument({ timeField: undefined }), now)?.data).toEqual(scheduled.input);
  });

  it.each<[string, string, unknown]>([
    ['the flow has no scheduled time in its name', 'digest-default.daily', argument()],
    ['a command starts it', stream, { stream }],
    ['its workflow was started without an input', stream, undefined],
    ['the input is no object', stream, argument({ input: [1] })],
    ['the id of the schedule is no text', stream, argument({ schedule: 'a\u0000b' })],
  ])('does not come from the schedule if %s', (_, of, given) => {
    expect(scheduledStart(of, given as EntityInput, now)).toBeUndefined();
  });

  it('knows its time by its name', () => {
    expect(scheduledTimeOf(stream)).toBe('2026-10-25T01:30:00.000Z');
    expect(scheduledTimeOf('digest-default.daily-2026-13-45T99:30:00Z')).toBeUndefined();
  });
});
