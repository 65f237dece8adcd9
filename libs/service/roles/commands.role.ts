import { startCommands } from '#libs/api/kafka-commands/start-commands.js';
import type { HostedService } from '../hosted-service.js';
import { areConsuming, type RunningRole } from './running-role.js';

/** Consumes commands from Kafka. */
export function startCommandsRole({ name: service, entities, gateway, options }: HostedService): RunningRole {
  const { engines, logger } = options;
  const contracts = entities.map(({ contract }) => contract);
  const commands = startCommands({ service, contracts, kafka: engines.kafka, door: gateway, logger });
  const check = async () => {
    const { isStarted, topics: detail } = commands.health();
    return { ok: isStarted && areConsuming(detail), detail };
  };
  return { check: { name: 'commands', check }, close: () => commands.close() };
}
