import { v5 } from 'uuid';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { FlowHostFacts } from '#libs/core/flow/flow.messages.js';
import type { JsonObject } from '#libs/core/json.js';
import { onlyForParty } from '#libs/core/party.js';
import { moment } from './moments.js';

const NAMESPACE = '0c3f7a52-7f0e-4a44-9a5f-0e4b8e2f1d67';

/** A command in a test. `at` is the time it is sent; default: the start of the scenario. */
export interface TestCommand {
  readonly type: string;
  readonly data: JsonObject;
  readonly at?: string;
  /** Stream of the entity that sends it. Absent for an external sender. */
  readonly sender?: string;
  /** Who sends it; somebody, if absent. */
  readonly actor?: string;
  readonly onBehalfOf?: string;
  /** The roles of its caller, who may send it only to what belongs to it. */
  readonly roles?: readonly string[];
  /** What the runtime of a flow adds. */
  readonly host?: FlowHostFacts;
}

/**
 * The envelope of a command with every field set. The same `name` gives the same command id in
 * every run. With a `key`, the command has a key id, as with an idempotency key.
 */
export function envelopeOf(
  command: TestCommand,
  name: string,
  options: { readonly key?: string; readonly expectedRevision?: number } = {},
): CommandEnvelope {
  const { key, expectedRevision } = options;
  const { actor = 'test:someone', onBehalfOf, roles } = command;
  const commandId = testId(name);
  return {
    commandId,
    ...(key !== undefined && { keyId: testId(`key ${key}`) }),
    type: command.type,
    data: command.data,
    actor,
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    ...onlyForParty(roles && { id: actor, roles }),
    ...(command.sender !== undefined && { sender: command.sender }),
    correlationId: commandId,
    causationId: commandId,
    ...(expectedRevision !== undefined && { expectedRevision }),
    sentAt: command.at ?? moment(),
    ...(command.host && { host: command.host }),
  };
}

/** A UUID derived from a name, the same in every run. */
export function testId(name: string): string {
  return v5(name, NAMESPACE);
}
