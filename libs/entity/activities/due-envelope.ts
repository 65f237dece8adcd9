import { v5 } from 'uuid';
import { canonicalJson } from '#libs/core/canonical-json.js';
import type { Deadline } from '#libs/core/decider.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';

const NAMESPACE = 'e0d5a6f4-9f5c-4f0e-8c0e-6f1b7a2f3c55';

/**
 * The command that an entity sends itself at a deadline. Its id is derived from the stream, the
 * subject and the time, so an expiry is one command, whether a timer, another command or the
 * sweeper triggers it.
 */
export function dueEnvelope(stream: string, { at, subject, command }: Deadline): CommandEnvelope {
  const commandId = v5(canonicalJson([stream, command.type, subject, at]), NAMESPACE);
  return {
    ...command,
    commandId,
    actor: 'system:deadline',
    correlationId: commandId,
    causationId: commandId,
    sentAt: at,
  };
}
