import { type Span, startSpan } from '#libs/runtime/tracing/tracing.js';
import type { KafkaRecord } from '#libs/kafka/kafka.js';
import type { CommandRecord } from './command-record.js';

/** A command from Kafka, and the span that ends once it has been handed over. */
export interface TracedCommand {
  readonly command: CommandRecord;
  readonly span?: Span;
}

/** Continues the trace of the producer in a span of this record. */
export function tracedRecord(command: CommandRecord, record: KafkaRecord): TracedCommand {
  const { envelope, stream } = command;
  const { topic, partition, offset } = record;
  const span = startSpan({
    name: `process ${topic}`,
    kind: 'consumer',
    parent: envelope.traceparent,
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': Number(offset),
      'perdure.entity': stream,
      'perdure.command.id': envelope.commandId,
      'perdure.command.type': envelope.type,
    },
  });
  if (!span) return { command };
  return { command: { ...command, envelope: { ...envelope, traceparent: span.traceparent } }, span };
}
