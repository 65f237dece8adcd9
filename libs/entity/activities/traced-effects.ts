import type { Action } from '#libs/core/effect.js';
import type { EffectRequest, EffectResult } from '#libs/entity/protocol/activity-messages.js';
import { inSpan, isTracing, type SpanStart } from '#libs/runtime/tracing/tracing.js';
import { placeOfActivity } from './traced-commands.js';

/** Runs an effect in a span of the trace of the event that requested it. */
export function tracedEffect(
  request: EffectRequest,
  run: (request: EffectRequest) => Promise<EffectResult>,
): Promise<EffectResult> {
  if (!isTracing()) return run(request);
  const { stream, effect } = request;
  return inSpan(actionStart('effect', stream, effect), (span) =>
    run(span ? { stream, effect: { ...effect, traceparent: span.traceparent } } : request),
  );
}

/** How the span of an action of an entity or a flow begins. */
export function actionStart(
  doing: string,
  stream: string,
  { action, traceparent }: { readonly action: Action; readonly traceparent?: string },
): SpanStart {
  const what = action.kind === 'call' ? action.call : action.command.type;
  return {
    name: `${doing} ${what}`,
    parent: traceparent,
    attributes: { 'perdure.entity': stream, 'perdure.action': what, ...placeOfActivity() },
  };
}
