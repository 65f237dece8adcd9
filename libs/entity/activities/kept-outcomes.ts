import { type CommandEnvelope, keyOf } from '#libs/core/envelope.js';
import type { Patience } from './patience.js';
import type { KeptOutcome, OutcomeMemory } from './outcome-memory.js';

/** The outcomes found in the memory of outcomes, by command and by key. */
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

  /**
   * The revision at which a command, or another one with its key, was decided; -1 if none is kept.
   */
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
 * Looks up a batch in the memory of outcomes. Commands are still decided while that memory is
 * unavailable. A command that was rejected long ago is then decided again, which is safe, because
 * it changed nothing the first time.
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
