import { type CommandFact, type EventFact, groupBy } from './facts.js';

/**
 * I2: no acknowledged command is lost. A command answered accepted has all its events in the
 * stream, a rejected one none. One without an answer has all or none, according to its receipt.
 */
export function checkAcknowledged(
  events: readonly EventFact[],
  commands: readonly CommandFact[],
  receipts: 'asked' | 'not asked' = 'not asked',
): string[] {
  const written = groupBy(events, ({ stream, commandId }) => `${stream} ${commandId}`);
  return commands.flatMap((command) => {
    const own = written.get(`${command.stream} ${command.commandId}`) ?? [];
    const violations = [...compare(command, own)];
    if (receipts === 'asked') violations.push(...compareReceipt(command, own));
    return violations.map((violation) => `${command.commandId} on ${command.stream} ${violation}`);
  });
}

function compare({ answer }: CommandFact, own: readonly EventFact[]): readonly string[] {
  if (answer === 'accepted' && own.length === 0) return ['was accepted, and its stream holds nothing of it'];
  if (answer === 'rejected' && own.length > 0) return ['was rejected, and its stream holds events of it'];
  const [first] = own;
  if (first && !isWhole(first, own)) return [`has ${own.length} of its ${first.count} events in its stream`];
  return [];
}

/** All parts exist. Whether each exists once is checked elsewhere. */
function isWhole({ count }: EventFact, own: readonly EventFact[]): boolean {
  const parts = new Set(own.map(({ index }) => index));
  return parts.size === count && Math.max(...parts) === count - 1;
}

function compareReceipt({ answer, receipt }: CommandFact, own: readonly EventFact[]): readonly string[] {
  if (own.length > 0 && receipt !== 'accepted') return [`is in its stream, but its receipt says ${receipt}`];
  if (own.length === 0 && receipt === 'accepted') return ['has an accepted receipt and no events'];
  if (answer !== 'unknown' && receipt !== answer) return [`was ${answer}, and its receipt says ${receipt}`];
  return [];
}
