import { EngineUnavailableError } from '#libs/entity/gateway/entity-gateway.js';

/** Sends again what was not answered, as careful clients do. `missed` hears of each time. */
export async function untilAnswered(send: () => Promise<void>, missed = (): void => {}): Promise<void> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      missed();
    }
  }
}
