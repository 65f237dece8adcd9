import { Counter } from 'prom-client';
import { parseStreamName } from '#libs/core/entity-id.js';

const unheard = new Counter({
  name: 'perdure_effects_refused_unheard_total',
  help: 'Effects that were refused without a reply to their entity, because its rules ask for none',
  labelNames: ['category'],
});

/** Counts an effect of this stream that was refused and has no reply. */
export function countUnheardRefusal(stream: string): void {
  unheard.inc({ category: parseStreamName(stream)?.category ?? stream });
}
