import { activityInfo } from '@temporalio/activity';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';
import type { DecideRequest, DecideResult } from '#libs/entity/protocol/activity-messages.js';
import { inBatch } from '#libs/runtime/tracing/batch-span.js';
import { isTracing, type Span, type SpanKind, type SpanStart } from '#libs/runtime/tracing/tracing.js';

/** How the span of a command begins, which continues the trace of its sender. */
export function commandStart(
  doing: string,
  kind: SpanKind,
  stream: string,
  { type, commandId, traceparent }: CommandEnvelope,
): SpanStart {
  return {
    name: `${doing} ${type}`,
    kind,
    parent: traceparent,
    attributes: {
      'perdure.entity': stream,
      'perdure.category': parseStreamName(stream)?.category,
      'perdure.command.type': type,
      'perdure.command.id': commandId,
    },
  };
}

/** The commands with the spans in which they continue. */
export function withTraceparents(
  envelopes: readonly CommandEnvelope[],
  traceparents: readonly (string | undefined)[],
): readonly CommandEnvelope[] {
  return envelopes.map((envelope, index) => {
    const traceparent = traceparents[index];
    return traceparent === undefined ? envelope : { ...envelope, traceparent };
  });
}

/**
 * Decides a batch in an activity, each command in a span of its trace. Its events and effects
 * continue there.
 */
export function tracedDecisions(
  request: DecideRequest,
  decide: (request: DecideRequest) => Promise<DecideResult>,
): Promise<DecideResult> {
  if (!isTracing()) return decide(request);
  const { stream, batch } = request;
  const place = placeOfActivity();
  const members = batch.map((envelope) => {
    const start = commandStart('decide', 'consumer', stream, envelope);
    return { ...start, attributes: { ...start.attributes, ...place } };
  });
  const attributes = { 'perdure.entity': stream, 'perdure.batch.size': batch.length, ...place };
  const describe = ({ outcomes }: DecideResult, spans: readonly (Span | undefined)[]): void => {
    const byId = new Map(outcomes.map((outcome) => [outcome.commandId, outcome]));
    for (const [index, span] of spans.entries())
      span?.note(described(byId.get(batch[index]?.commandId ?? '')));
  };
  return inBatch({ members, shared: { name: 'decide batch', attributes }, describe }, (traceparents) =>
    decide({ ...request, batch: withTraceparents(batch, traceparents) }),
  );
}

/** Where an activity runs, under the names that Temporal's own interceptors use. */
export function placeOfActivity() {
  const { workflowExecution, attempt, taskQueue } = activityInfo();
  return {
    temporalWorkflowId: workflowExecution?.workflowId,
    temporalRunId: workflowExecution?.runId,
    'perdure.attempt': attempt,
    'perdure.task_queue': taskQueue,
  };
}

/** A command without an outcome did not fit, and waits for the next batch. */
function described(outcome: Outcome | undefined) {
  const { status = 'waits', revision, code } = (outcome ?? {}) as Partial<Outcome & { code: string }>;
  return { 'perdure.outcome': status, 'perdure.revision': revision, 'perdure.code': code };
}
