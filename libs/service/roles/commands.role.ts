import { completingDoor } from '#libs/api/entities/completing-door.js';
import { startCommands } from '#libs/api/kafka-commands/start-commands.js';
import type { HostedService } from '../hosted-service.js';
import { areConsuming, type RunningRole } from './running-role.js';

/** Consumes commands from Kafka. */
export function startCommandsRole(hosted: HostedService): RunningRole {
  const { name: service, entities, gateway, options } = hosted;
  const { engines, logger } = options;
  const door = completingDoor(
    gateway,
    hosted.byCategory(({ complete }) => complete),
  );
  const contracts = entities.map(({ contract }) => contract);
  const commands = startCommands({ service, contracts, kafka: engines.kafka, door, logger });
  const check = async () => {
    const { isStarted, topics: detail } = commands.health();
    return { ok: isStarted && areConsuming(detail), detail };
  };
  return { check: { name: 'commands', check }, close: () => commands.close() };
}
