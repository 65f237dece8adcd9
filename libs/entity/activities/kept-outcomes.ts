import { type CommandEnvelope, keyOf } from '#libs/core/envelope.js';
import type { Patience } from './patience.js';
import type { KeptOutcome, OutcomeMemory } from './outcome-memory.js';

/** What was found in the memory of outcomes, by command and by key. */
export class KeptOutcomes {
  private readonly byCommandId = new Map<string, KeptOutcome>();
  private readonly byKeyId = new Map<string, string>();

  constructor(found: readonly KeptOutcome[]) {
    for (const kept of found) {
      this.byCommandId.set(kept.commandId, kept);
      this.byKeyId.set(kept.keyId ?? kept.commandId, kept.commandId);
    }
  }

  of(commandId: string): KeptOutcome | undefined {
    return this.byCommandId.get(commandId);
  }

  /** At which a command, or another one under its key, was decided; -1 when none is kept. */
  revisionOf(envelope: CommandEnvelope): number {
    const { commandId } = envelope;
    const kept = this.of(commandId) ?? this.of(this.commandUnder(keyOf(envelope)) ?? '');
    return kept?.revision ?? -1;
  }

  /** The command that a key was used for. */
  commandUnder(keyId: string): string | undefined {
    return this.byKeyId.get(keyId);
  }
}

/**
 * What is kept of a batch. Commands go on while the memory is away: nothing is known of them then, and one that was rejected
 * long ago is decided anew. That changes nothing twice: the first time it changed nothing.
 */
export async function recallKept(
  memory: OutcomeMemory | undefined,
  stream: string,
  batch: readonly CommandEnvelope[],
  patience: Patience,
): Promise<KeptOutcomes> {
  const ids = batch.flatMap(({ commandId, keyId }) => (keyId === undefined ? [] : [commandId, keyId]));
  if (!memory || ids.length === 0) return new KeptOutcomes([]);
  return new KeptOutcomes((await patience.answerTo(() => memory.find(stream, ids))) ?? []);
}
