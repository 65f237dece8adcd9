import type { Drift, FoundDrift } from './drift.js';
import { healView } from './heal-view.js';
import { type Inspection, inspectEntity } from './inspect-entity.js';
import type { Pace } from './pace.js';
import type { LatestState } from './state-ledger.js';
import type { ProvenCategory, StateProofDependencies } from './state-proof.dependencies.js';

/** The result for an entity: what was found, and which differences are healed. */
export interface Reconciled {
  readonly inspection: Inspection;
  readonly drift: readonly FoundDrift[];
}

/**
 * Compares an entity, and its latest state on the topic if known, with its stream and, if
 * requested, heals differences: rebuilds rows and views, and makes an entity reload or start. A
 * difference counts only if it is seen twice. The stream is never written to, and a broken stream
 * heals nothing.
 */
export async function reconcileEntity(
  dependencies: StateProofDependencies,
  category: ProvenCategory,
  stream: string,
  { heal, pace, latest }: { readonly heal: boolean; readonly pace: Pace; readonly latest?: LatestState },
): Promise<Reconciled> {
  const inspect = () => inspectEntity(dependencies, category, stream, { pace, latest });
  const first = await inspect();
  if (first.drift.length === 0) return { inspection: first, drift: [] };
  const inspection = await inspect();
  const drift = inspection.drift.filter((one) => first.drift.some((other) => isSame(one, other)));
  if (drift.length === 0) return { inspection, drift: [] };
  if (heal) await healAll(dependencies, stream, inspection);
  const after = heal ? await inspect() : inspection;
  const found = drift.map((one) => ({ ...one, healed: isGone(one, after) }));
  for (const one of found) dependencies.logger[one.healed ? 'warn' : 'error'](one, 'drift was found');
  return { inspection, drift: found };
}

async function healAll(
  dependencies: StateProofDependencies,
  stream: string,
  { views, entity, head }: Inspection,
): Promise<void> {
  for (const view of views) await healView(dependencies, view, stream);
  if (entity === 'reload') await dependencies.live.refold(stream, head);
  if (entity === 'start') await dependencies.live.wake(stream);
}

/** If the entity no longer answers, its state is unknown. */
function isGone(one: Drift, { drift, isSilent }: Inspection): boolean {
  if (one.kind === 'entity' && isSilent) return false;
  return !drift.some((other) => isSame(one, other));
}

function isSame(one: Drift, other: Drift): boolean {
  return one.kind === other.kind && one.where === other.where;
}
