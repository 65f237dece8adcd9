import { BaseRpcContext } from '@nestjs/microservices';
import type { BatchControl, KafkaBatch } from './kafka.js';

/** What a handler of the batch transport receives as `@Ctx()`. */
export class KafkaBatchContext extends BaseRpcContext<[KafkaBatch, BatchControl]> implements BatchControl {
  get generation(): number {
    return this.args[1].generation;
  }

  seek(offset: bigint): void {
    this.args[1].seek(offset);
  }
}
