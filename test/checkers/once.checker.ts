import { type CommandFact, type EventFact, groupBy } from './facts.js';

/**
 * I3: no effect twice. The events of a command are in one batch of its stream, each part once;
 * event ids are unique; and what a client wanted once was done by one command, under however many
 * ids it was sent.
 */
export function checkOnce(events: readonly EventFact[], commands: readonly CommandFact[] = []): string[] {
  const violations: string[] = [];
  for (const [id, same] of groupBy(events, (event) => event.id)) {
    if (same.length > 1) violations.push(`the event id ${id} occurs ${same.length} times`);
  }
  const written = groupBy(events, ({ stream, commandId }) => `${commandId} on ${stream}`);
  for (const [command, own] of written) {
    const [first] = own;
    const isOneBatch = own.every(
      ({ revision, index }) => revision - index === (first?.revision ?? 0) - (first?.index ?? 0),
    );
    const isEachOnce = new Set(own.map(({ index }) => index)).size === own.length;
    if (!isOneBatch || !isEachOnce) {
      violations.push(
        `${command} was applied more than once, at ${own.map((event) => event.revision).join(', ')}`,
      );
    }
  }
  const intended = commands.filter(({ intent }) => intent !== undefined);
  for (const [intent, sent] of groupBy(intended, ({ stream, intent }) => `${intent} of ${stream}`)) {
    const ids = new Set(sent.map(({ stream, commandId }) => `${commandId} on ${stream}`));
    const done = [...ids].filter((id) => written.has(id));
    if (done.length > 1) violations.push(`${intent} was done by ${done.length} commands`);
  }
  return violations;
}
