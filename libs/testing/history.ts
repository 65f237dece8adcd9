import type { DomainEvent } from '#libs/core/decider.js';
import type { Timestamp } from '#libs/core/timestamp.js';
import { eventId } from '#libs/event-store/event-id.js';
import type { EventToAppend } from '#libs/event-store/event-store.js';
import { testId } from './command-envelope.builder.js';
import { moment } from './moments.js';

/**
 * Events as an entity would have written them before the scenario starts, or up to `at`, each from
 * its own command.
 */
export function historyOf(
  stream: string,
  events: readonly DomainEvent[],
  at: Timestamp = moment(),
): readonly EventToAppend[] {
  return events.map(({ type, data }, index) => {
    const commandId = testId(`${stream} ${index}`);
    return {
      id: eventId(stream, commandId, 0, 1, type, data),
      type,
      data,
      metadata: {
        commandId,
        actor: 'test:history',
        at,
        index: 0,
        count: 1,
        schemaVersion: 1,
        $correlationId: commandId,
        $causationId: commandId,
      },
    };
  });
}
