import { errorText } from '#libs/core/error-text.js';
import type { StateProofDependencies } from '../proof/state-proof.dependencies.js';
import type { DoctorLine, DoctorRequest } from './doctor.schemas.js';
import { examine } from './examine.js';
import { whileReachable } from './while-reachable.js';

/** Compares entities and views with the streams. */
export class Doctor {
  constructor(private readonly dependencies: StateProofDependencies) {}

  /**
   * The findings as they come, each a line of JSON. The last line says whether it is complete. The
   * log tells who had something healed.
   */
  async *lines(request: DoctorRequest, operator: string): AsyncGenerator<string> {
    const { logger } = this.dependencies;
    const { stream: entity, category, sample: count, heal } = request;
    if (heal) logger.info({ operator, entity, category, count, heal }, 'the doctor heals what it finds');
    const line = (said: DoctorLine): string => `${JSON.stringify(said)}\n`;
    try {
      const lines = whileReachable(examine(this.dependencies, request), this.dependencies);
      for await (const said of lines) yield line(said);
      yield line({ kind: 'done' });
    } catch (error) {
      logger.error({ err: error }, 'the doctor cannot continue');
      yield line({ kind: 'failed', detail: errorText(error) });
    }
  }
}
