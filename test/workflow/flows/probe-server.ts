import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { streamName } from '#libs/core/entity-id.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import type { JsonObject } from '#libs/core/json.js';
import { envelopeOf } from '#libs/testing/command-envelope.builder.js';
import { outcomeIn } from '#libs/testing/outcome-in.js';
import { type TimeSkippingOptions, TimeSkippingServer } from '#libs/testing/time-skipping-server.js';
import { eventually as poll } from '../../support/account-rest.js';

const PATIENCE_MILLISECONDS = 90_000;

/** A time-skipping server with probes on it. */
export function probeServer(options: Partial<TimeSkippingOptions> = {}): TimeSkippingServer {
  return new TimeSkippingServer({
    deciders: [flowDecider({ name: 'probe', messages: ['Note', 'Go'] })],
    workflowBundle: resolve('dist/test/workflow/flows/workflows.bundle.js'),
    calls: {},
    ...options,
  });
}

/** One probe, driven by its commands. */
export class ProbeDriver {
  readonly stream: string;
  private count = 0;

  constructor(
    private readonly server: Pick<TimeSkippingServer, 'gateway' | 'store' | 'moment'>,
    readonly id: string = randomUUID(),
    category = 'probe',
  ) {
    this.stream = streamName(category, id);
  }

  async start(script: string, input: JsonObject = {}) {
    return this.send('Start', { script, with: input });
  }

  async send(type: string, data: JsonObject = {}, name = `${type} ${(this.count += 1)}`) {
    const at = await this.server.moment();
    const envelope = envelopeOf({ type, data, at }, `${this.stream} ${name}`);
    return outcomeIn(await this.server.gateway.execute(this.stream, [envelope], PATIENCE_MILLISECONDS));
  }

  /** The state, once the probe has ended. */
  async ended(): Promise<FlowState> {
    return this.until(({ endedAt }) => endedAt !== undefined);
  }

  async until(isSo: (state: FlowState) => boolean): Promise<FlowState> {
    const state = async () =>
      (await this.server.gateway.state(this.stream))?.state as unknown as FlowState | undefined;
    const so = await poll(state, (known) => known !== undefined && isSo(known), PATIENCE_MILLISECONDS, 20);
    return so as FlowState;
  }

  get events(): readonly string[] {
    return this.server.store.eventsOf(this.stream).map(({ type }) => type);
  }
}

/** Waits until something is so. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await poll(async () => isSo(), Boolean, PATIENCE_MILLISECONDS, 40);
}
