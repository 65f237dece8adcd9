import type { Pool } from 'pg';
import type { Kafka } from '#libs/kafka/kafka.js';
import type { AnyView } from '#libs/read-model/view-definition.js';
import { type ViewStanding, viewStandings } from '#libs/read-model/view-standing.js';

export interface ViewOperationsOptions {
  readonly pool: Pool;
  readonly kafka: Kafka;
  /** All views of the service. */
  readonly views: readonly AnyView[];
}

/** What operators may ask of the views of a service, and do with them. */
export class ViewOperations {
  constructor(private readonly options: ViewOperationsOptions) {}

  /** How every view is doing. */
  list(): Promise<readonly ViewStanding[]> {
    const { pool, kafka, views } = this.options;
    return viewStandings(pool, kafka, views);
  }
}
