import { ProblemError } from '#libs/core/problem-error.js';
import { parseStreamName } from '#libs/core/entity-id.js';
import type { Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { acceptedForLater, linksOf, outcomeReply } from '../entities/command-reply.js';
import { PROBLEM_JSON, problemBody } from '../http/problem.js';
import { traceIdOf } from '../http/trace-context.js';
import type { KafkaRecord, OutgoingMessage } from '#libs/kafka/kafka.js';
import { type CommandRecord, placeOf } from './command-record.js';

/**
 * The reply with the outcome of a command: the same body that REST would return, problems included.
 * Replies to the same command with the same outcome have the same `ce_id`.
 */
export function toReplyRecord(command: CommandRecord, receipt: Receipt): OutgoingMessage {
  const { contract, id, stream, envelope, messageId } = command;
  const { commandId, correlationId, traceparent } = envelope;
  const body = bodyOf(command, receipt);
  return {
    key: id,
    value: JSON.stringify(body.value),
    headers: {
      'content-type': body.type,
      ce_specversion: '1.0',
      ce_id: `${commandId}/${receipt.status}`,
      ce_type: `perdure.${contract.name}.command.${receipt.status}`,
      ce_source: sourceOf(contract.name, parseStreamName(stream)?.tenant),
      ce_subject: id,
      ...(receipt.status !== 'pending' && { ce_time: receipt.at }),
      ce_commandid: commandId,
      ce_causationid: messageId,
      ce_correlationid: correlationId,
      ...(traceparent !== undefined && { traceparent }),
    },
  };
}

/** The reply to a record that is not a command. The tenant is that of its sender, if known. */
export function toRefusalRecord(
  category: string,
  record: KafkaRecord,
  problem: ProblemError,
  tenant: string | undefined,
): OutgoingMessage {
  const { key = '', headers } = record;
  const place = placeOf(record);
  return {
    key,
    value: JSON.stringify(problemBody(problem, '', traceIdOf(headers))),
    headers: {
      'content-type': PROBLEM_JSON,
      ce_specversion: '1.0',
      ce_id: `${place}/invalid`,
      ce_type: `perdure.${category}.command.invalid`,
      ce_source: sourceOf(category, tenant),
      ce_subject: key,
      ce_causationid: headers['ce_id'] ?? place,
    },
  };
}

function sourceOf(category: string, tenant: string | undefined): string {
  return tenant === undefined ? `/${category}/commands` : `/${category}/${tenant}/commands`;
}

function bodyOf(command: CommandRecord, receipt: Receipt): { type: string; value: unknown } {
  const { contract, id, stream, creates, envelope } = command;
  const { commandId } = envelope;
  const links = linksOf(contract, id, commandId);
  const asked = { stream, id, commandId, links, creates, preferenceApplied: undefined };
  try {
    const reply =
      receipt.status === 'pending' ? acceptedForLater(asked) : outcomeReply(contract, asked, receipt);
    return { type: 'application/json', value: reply.body };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const traceId = envelope.traceparent?.split('-')[1] ?? commandId.replaceAll('-', '');
    return { type: PROBLEM_JSON, value: problemBody(error, links.receipt, traceId) };
  }
}
