import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { Outcome } from '#libs/core/outcome.js';
import { inBatch } from '#libs/runtime/tracing/batch-span.js';
import { commandStart, withTraceparents } from '#libs/entity/activities/traced-commands.js';
import type { SpanStart } from '#libs/runtime/tracing/tracing.js';
import { isTracing } from '#libs/runtime/tracing/tracing.js';
import type { CommandDoor, Receipt } from './entity-gateway.js';

/** Sends commands, each in a span of the trace that it belongs to. */
export async function tracedSend(door: CommandDoor, ...[stream, envelopes]: Parameters<CommandDoor['send']>) {
  if (!isTracing()) return door.send(stream, envelopes);
  return inBatch(batchOf(stream, envelopes), (traceparents) =>
    door.send(stream, withTraceparents(envelopes, traceparents)),
  );
}

/** Sends commands and waits for their outcomes, each in a span of the trace that it belongs to. */
export async function tracedExecute(
  door: CommandDoor,
  ...[stream, envelopes, ...rest]: Parameters<CommandDoor['execute']>
): Promise<readonly Receipt[]> {
  if (!isTracing()) return door.execute(stream, envelopes, ...rest);
  return inBatch<readonly Receipt[]>(
    {
      ...batchOf(stream, envelopes),
      describe: (receipts, spans) => {
        for (const [index, span] of spans.entries()) {
          const { status, code } = receipts[index] as Partial<Outcome & { code: string }>;
          span?.note({ 'perdure.outcome': status, 'perdure.code': code });
        }
      },
    },
    (traceparents) => door.execute(stream, withTraceparents(envelopes, traceparents), ...rest),
  );
}

function batchOf(stream: string, envelopes: readonly CommandEnvelope[]) {
  const start = (envelope: CommandEnvelope): SpanStart => commandStart('send', 'producer', stream, envelope);
  const shared: SpanStart = { name: 'send commands', attributes: { 'perdure.entity': stream } };
  return { members: envelopes.map(start), shared };
}
