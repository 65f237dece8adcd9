import 'reflect-metadata';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { commandsTopic, type EntityContract } from '#contracts/entity-contract.js';
import type { CommandDoor } from '#libs/entity/gateway/entity-gateway.js';
import { ChangeLog } from '#libs/runtime/change-log.js';
import { GrowingPause } from '#libs/runtime/growing-pause.js';
import type { Kafka } from '#libs/kafka/kafka.js';
import { KafkaBatchServer } from '#libs/kafka/kafka-batch.server.js';
import type { Logger } from '#libs/runtime/logger.js';
import { CommandConsumer } from './command-consumer.js';
import { commandTopicSpecs } from './command-topics.js';
import { CommandConsumers, commandsController } from './commands.controller.js';
import type { RecordSenders } from './record-senders.js';
import type { SenderTurns } from './sender-turns.js';
import { type CommandsHealth, CommandsHealthWatch } from './commands-health.js';

export interface StartCommandsOptions {
  /** The first part of the consumer group, as in `account.commands`. */
  readonly service: string;
  /** The contracts of the categories to consume. Those without public commands have no topic. */
  readonly contracts: readonly EntityContract[];
  readonly kafka: Kafka;
  readonly door: CommandDoor;
  readonly senders: RecordSenders;
  readonly turns: SenderTurns;
  readonly logger: Logger;
}

/** The commands role of this process. */
export interface RunningCommands {
  /** One entry per category, once the topics exist. */
  health(): { readonly isStarted: boolean; readonly topics: readonly CommandsHealth[] };
  close(): Promise<void>;
}

/**
 * Starts the commands role: creates the topics and consumes commands. Returns at once and waits for
 * Kafka in the background.
 */
export function startCommands(options: StartCommandsOptions): RunningCommands {
  const role = new CommandsRole(options);
  role.start();
  return role;
}

class CommandsRole implements RunningCommands {
  private readonly stopping = new AbortController();
  private readonly contracts: readonly EntityContract[];
  private readonly changes: ChangeLog;
  private starting: Promise<void> = Promise.resolve();
  private app: INestMicroservice | undefined;
  private consumers: readonly CommandConsumer[] = [];
  private watches: readonly CommandsHealthWatch[] = [];

  constructor(private readonly options: StartCommandsOptions) {
    this.contracts = options.contracts.filter(({ commands }) =>
      Object.values(commands).some(({ visibility }) => visibility === 'public'),
    );
    this.changes = new ChangeLog(options.logger);
  }

  start(): void {
    this.starting = this.startWhenPossible();
  }

  health(): ReturnType<RunningCommands['health']> {
    const isStarted = this.app !== undefined || this.contracts.length === 0;
    return { isStarted, topics: this.watches.map((watch) => watch.health()) };
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.starting;
    await Promise.all([...this.watches.map((watch) => watch.close()), this.app?.close()]);
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
  }

  private async startWhenPossible(): Promise<void> {
    const { signal } = this.stopping;
    const pause = new GrowingPause(250, 5_000);
    if (this.contracts.length === 0) return;
    while (!signal.aborted) {
      try {
        await this.options.kafka.ensureTopics(this.contracts.flatMap(({ name }) => commandTopicSpecs(name)));
        await this.listen();
        this.changes.well();
        return;
      } catch (error) {
        this.changes.failing('accepting commands from Kafka is waiting', error);
      }
      await pause.wait(signal);
    }
  }

  private async listen(): Promise<void> {
    const { service, kafka, door, senders, turns, logger } = this.options;
    const server = new KafkaBatchServer({ kafka, groupId: `${service}.commands` });
    const each = this.contracts.map((contract) => ({
      category: contract.name,
      consumer: new CommandConsumer({ contract, kafka, door, senders, turns, logger }),
    }));
    class CommandsModule {}
    const byTopic = new Map(each.map(({ category, consumer }) => [commandsTopic(category), consumer]));
    const controllers = [commandsController([...byTopic.keys()])];
    const providers = [{ provide: CommandConsumers, useValue: new CommandConsumers(byTopic) }];
    this.app = await NestFactory.createMicroservice(
      { module: CommandsModule, controllers, providers },
      { strategy: server, abortOnError: false },
    );
    this.consumers = each.map(({ consumer }) => consumer);
    await this.app.listen();
    this.watches = each.map(
      ({ category, consumer }) => new CommandsHealthWatch(category, kafka, server, consumer),
    );
  }
}
