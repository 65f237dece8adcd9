import { beforeAll, describe, expect, it } from '@jest/globals';
import { commandsTopic, type EntityContract, routeOf } from '#contracts/entity-contract.js';
import { decodeCommand } from '#libs/api/kafka-commands/command-record.js';
import { RecordSenders } from '#libs/api/kafka-commands/record-senders.js';
import { ProblemError } from '#libs/core/problem-error.js';
import type { EntityGateway } from '#libs/entity/gateway/entity-gateway.js';
import type { Caller } from '#libs/identity/caller.js';
import { commandRecord } from '#libs/testing/command-record.builder.js';
import { MemoryEventStore } from '#libs/testing/memory-event-store.js';
import { gatewayTo } from './access-app.js';
import {
  callers,
  credentialOf,
  expected,
  fill,
  GivenCaller,
  isIn,
  type ObjectName,
  OBJECTS,
  services,
  withoutNames,
} from './cases.js';
import { BODIES, COMMAND_TOPICS, WHO_MAY } from './who-may.js';

/** A command on a topic. Its line in the table is that of its route. */
interface TopicCommand {
  readonly contract: EntityContract;
  readonly type: string;
  readonly line: string;
}

const contracts = services.flatMap(({ entities }) => entities.map(({ contract }) => contract));
const commands: readonly TopicCommand[] = contracts.flatMap((contract) =>
  Object.entries(contract.commands).flatMap(([type, { visibility }]) => {
    const line = `POST /v1/${contract.plural}/{id}/${routeOf(type)}`;
    return visibility === 'public' ? [{ contract, type, line }] : [];
  }),
);
const senders = new RecordSenders(new GivenCaller());
const gateways = new Map<string, EntityGateway>();

beforeAll(async () => {
  const store = new MemoryEventStore();
  await fill(store);
  for (const service of services) {
    const gateway = gatewayTo(service, store);
    for (const { contract } of service.entities) gateways.set(contract.name, gateway);
  }
});

/** What becomes of a record: the code of its dead letter, or the outcome of its command. */
async function send({ contract, type, line }: TopicCommand, caller: Caller | undefined, key: ObjectName) {
  const value = JSON.stringify(BODIES[line] ?? {});
  const headers = { ce_type: type, ...(caller && { authorization: credentialOf(caller) }) };
  const record = { ...commandRecord(0n, value, headers, key), topic: commandsTopic(contract.name) };
  try {
    const command = decodeCommand(contract, record, await senders.senderOf(record.raw));
    const [outcome] =
      (await gateways.get(contract.name)?.execute(command.stream, [command.envelope], 0)) ?? [];
    const { commandId: _, ...said } = outcome ?? {};
    return withoutNames(JSON.stringify(said), key);
  } catch (error) {
    if (error instanceof ProblemError) return `dead letter ${error.code}: ${error.message}`;
    throw error;
  }
}

/** Why what became of a record is wrong; undefined if it is right. */
async function fault(command: TopicCommand, caller: Caller | undefined, object: ObjectName) {
  const right = expected(WHO_MAY[command.line] ?? '', caller, object);
  const said = await send(command, caller, object);
  const tell = () => `${command.type} to ${object} by ${JSON.stringify(caller)}: not ${right}, but ${said}`;
  const isUnknown = said.startsWith('dead letter ACCESS.UNAUTHENTICATED');
  const isDenied = said.startsWith('dead letter ACCESS.DENIED');
  if (right === 'unauthenticated') return isUnknown ? undefined : tell();
  if (right === 'denied') return isDenied ? undefined : tell();
  if (isUnknown || isDenied) return tell();
  if (right === 'admitted') return said.includes('ENTITY.NOT_FOUND') ? tell() : undefined;
  // What does not exist could be created; what is another's could not.
  const isCreating = command.contract.commands[command.type]?.creates === true;
  if (isCreating && isIn(caller, object) && !said.includes('ACCESS.OWNER_IS_ANOTHER'))
    return said.includes('ENTITY.NOT_FOUND') ? undefined : tell();
  return said === (await send(command, caller, 'ghost')) ? undefined : tell();
}

it('the table names every topic that takes commands, and no other', () => {
  const topics = new Set(commands.map(({ contract }) => commandsTopic(contract.name)));
  expect(COMMAND_TOPICS.toSorted()).toEqual([...topics].toSorted());
});

it('every command on a topic has a line in the table', () => {
  expect(commands.filter(({ line }) => WHO_MAY[line] === undefined)).toEqual([]);
});

describe('a record on a topic is taken from those whom the table admits', () => {
  let cases = 0;
  const named = commands.map(
    (command) => [commandsTopic(command.contract.name), command.type, command] as const,
  );
  it.each(named)('%s: %s', async (_topic, _type, command) => {
    const faults: string[] = [];
    for (const caller of callers) {
      for (const object of OBJECTS) {
        cases += 1;
        const found = await fault(command, caller, object);
        if (found !== undefined) faults.push(found);
      }
    }
    expect(faults.slice(0, 3)).toEqual([]);
  });

  it('in 5,000 cases and more', () => {
    expect(cases).toBeGreaterThan(5_000);
  });
});
