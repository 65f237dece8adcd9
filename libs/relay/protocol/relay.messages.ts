/** Input of a relay workflow. */
export interface RelayInput {
  /** Absent from the input of earlier releases, which had a relay for each category. */
  readonly service?: string;
}

/** The progress with a category of a relay whose tour of duty is over. */
export interface RelayTour {
  /** Position in the store of the last event on the topic. */
  readonly position?: string;
  readonly relayed: number;
}

/** The activity of the relay workflow. Returns the progress by category. */
export interface RelayActivities {
  relayEvents(input: RelayInput): Promise<Readonly<Record<string, RelayTour>>>;
}

/** The registered name of the relay workflow. */
export const RELAY_WORKFLOW = 'relay';

/** A relay hands over after this long, which is far below the time-out of its activity. */
export const TOUR_HOURS = 12;
