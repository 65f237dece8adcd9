import type { Mutant } from './mutant.js';

/** Bugs in traces. */
export const tracingMutants: readonly Mutant[] = [
  {
    id: 'trace-link-lost',
    bug: 'What is done for commands of several traces at once can be found from none of them.',
    file: 'libs/runtime/tracing/batch-span.ts',
    replace: 'startSpan({ ...start, links, ',
    by: 'startSpan({ ...start, links: [], ',
    spec: 'libs/runtime/tracing/tracing.spec.ts',
    test: 'with tracing a batch of several traces has a span that is linked with each, and belongs to none',
  },
  {
    id: 'trace-ends-at-kafka',
    bug: 'Records do not carry the span of their publication.',
    file: 'libs/relay/traced-relay.ts',
    replace: 'headers: { ...message.headers, traceparent }',
    by: 'headers: { traceparent, ...message.headers }',
    spec: 'libs/relay/traced-relay.spec.ts',
    test: 'the record of an event carries the span of its publication, which follows from its append',
  },
  {
    id: 'trace-without-bound',
    bug: 'Spans wait without limit for a collector that does not answer.',
    file: 'libs/runtime/tracing/span-exporter.ts',
    replace: 'if (this.waiting >= this.most)',
    by: 'if (this.waiting < 0)',
    spec: 'libs/runtime/tracing/tracing.spec.ts',
    test: 'a collector that does not answer costs spans: so many wait, and the others are counted as dropped',
  },
];
