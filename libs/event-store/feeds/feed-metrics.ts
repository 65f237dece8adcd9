import { Gauge } from 'prom-client';

/** Subscriptions to the store that feeds hold open: one a category, however many listen. */
export const openSubscriptions = new Gauge({
  name: 'perdure_feed_subscriptions',
  help: 'Subscriptions to the event store that live feeds hold open',
  labelNames: ['category'],
});

/** Those who listen to live feeds. */
export const openFeeds = new Gauge({
  name: 'perdure_feed_listeners',
  help: 'Live feeds that are open',
  labelNames: ['category'],
});
