import { Gauge } from 'prom-client';

/** One per category, regardless of the number of listeners. */
export const openSubscriptions = new Gauge({
  name: 'perdure_feed_subscriptions',
  help: 'Subscriptions to the event store held open by live feeds',
  labelNames: ['category'],
});

export const openFeeds = new Gauge({
  name: 'perdure_feed_listeners',
  help: 'Open live feeds',
  labelNames: ['category'],
});
