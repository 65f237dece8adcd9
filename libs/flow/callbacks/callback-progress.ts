import type { Client } from '@temporalio/client';
import { LiveProgress } from '#libs/api/entities/live-progress.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Wait } from '#libs/core/flow/flow.messages.js';
import { type FlowState, isOpenFlow } from '#libs/core/flow/flow.state.js';
import { UnavailableError } from '#libs/core/problems.js';
import { progressOf } from './watched-callbacks.js';

/** Shows the latest progress that was reported to the callback addresses of a flow. */
export class CallbackProgress extends LiveProgress {
  constructor(private readonly client: Client) {
    super();
  }

  async of(stream: string, state: JsonObject): Promise<JsonObject | undefined> {
    const { waits = [], status } = state as unknown as Partial<FlowState>;
    const callbacks = (Array.isArray(waits) ? (waits as readonly Wait[]) : []).filter(isCallback);
    if (callbacks.length === 0 || status === undefined || !isOpenFlow({ status })) return undefined;
    const places = callbacks.map(({ place }) => place);
    try {
      const progress = await progressOf(this.client, stream, places);
      return {
        callbacks: callbacks.flatMap(({ place, name }) => {
          const value = progress[place];
          return value === undefined ? [] : [{ place, name, progress: value }];
        }),
      };
    } catch (error) {
      // The state is shown all the same.
      if (error instanceof UnavailableError) return {};
      throw error;
    }
  }
}

function isCallback({ kind }: Wait): boolean {
  return kind === 'callback';
}
