import { completingDoor } from '#libs/api/entities/completing-door.js';
import { RecordSenders } from '#libs/api/kafka-commands/record-senders.js';
import { SenderTurns } from '#libs/api/kafka-commands/sender-turns.js';
import { startCommands } from '#libs/api/kafka-commands/start-commands.js';
import type { Authenticator } from '#libs/identity/authenticator.js';
import { topicsCaller } from '../commands-config.js';
import type { HostedService } from '../hosted-service.js';
import { commandsAtATime } from '../limit-config.js';
import { areConsuming, type RunningRole } from './running-role.js';

/** Consumes commands from Kafka. */
export function startCommandsRole(hosted: HostedService, authenticator: Authenticator): RunningRole {
  const { name: service, entities, gateway, options } = hosted;
  const { engines, config, logger } = options;
  const door = completingDoor(
    gateway,
    hosted.byCategory(({ complete }) => complete),
  );
  const contracts = entities.map(({ contract }) => contract);
  const senders = new RecordSenders(authenticator, topicsCaller(config));
  const turns = new SenderTurns(commandsAtATime(config));
  const commands = startCommands({ service, contracts, kafka: engines.kafka, door, senders, turns, logger });
  const check = async () => {
    const { isStarted, topics: detail } = commands.health();
    return { ok: isStarted && areConsuming(detail), detail };
  };
  return { check: { name: 'commands', check }, close: () => commands.close() };
}
