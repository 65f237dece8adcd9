import { type Context, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/** The values of `OTEL_TRACES_SAMPLER`. */
export type SamplerName = `${'' | 'parentbased_'}${'always_on' | 'always_off' | 'traceidratio'}`;

/**
 * The sampler of that name. The span of a batch that belongs to no trace of its own is recorded if
 * any of those that it is linked with is.
 */
export function samplerOf(name: SamplerName, ratio: number): Sampler {
  const root = rootOf(name.replace('parentbased_', ''), ratio);
  return new LinkedSampler(name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root);
}

function rootOf(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler();
  return name === 'always_on' ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio);
}

class LinkedSampler implements Sampler {
  constructor(private readonly other: Sampler) {}

  shouldSample(...of: Parameters<Sampler['shouldSample']>) {
    const [context, , , , , links] = of;
    const isOfBatch = links.some(({ context: { traceFlags } }) => (traceFlags & 1) === 1);
    if (isOfBatch && !hasParent(context)) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    return this.other.shouldSample(...of);
  }

  toString(): string {
    return `Linked{${this.other.toString()}}`;
  }
}

function hasParent(context: Context): boolean {
  return trace.getSpanContext(context) !== undefined;
}
