import { beforeEach, expect, it } from '@jest/globals';
import { RelayGauge } from './relay-gauge.js';
import type { RelaySource } from './relay-source.js';

const START = Date.parse('2026-01-01T00:00:00.000Z');

let now: number;
let standing: ReturnType<RelaySource['standing']>;
let gauge: RelayGauge;
beforeEach(() => {
  now = START;
  standing = { oldest: undefined, isCaughtUp: false };
  gauge = new RelayGauge(() => now);
});

const begin = (position?: bigint) =>
  gauge.begin(position, () => ({ standing: () => standing }) as unknown as RelaySource);

it('knows nothing before it starts, nor before the store has reported what is there', () => {
  expect(gauge.progress('tally')).toEqual({ relayed: 0, behindSeconds: null, eventsPerSecond: 0 });
  begin(64n);
  expect(gauge.progress('tally')).toMatchObject({ position: '64', behindSeconds: null });
});

it('is not behind when all that is there is on the topic', () => {
  begin();
  standing = { oldest: undefined, isCaughtUp: true };
  now += 60_000;
  expect(gauge.progress('tally').behindSeconds).toBe(0);
});

it('is behind by the age of the oldest event that is not on the topic, and never ahead', () => {
  begin();
  standing = { oldest: new Date(START).toISOString(), isCaughtUp: true };
  now += 4_500;
  expect(gauge.progress('tally').behindSeconds).toBe(4.5);
  now = START - 1_000;
  expect(gauge.progress('tally').behindSeconds).toBe(0);
});

it('counts published events, and their rate over the last ten seconds', () => {
  begin();
  gauge.count(100, 640n);
  now += 5_000;
  gauge.count(50, 960n);
  expect(gauge.progress('tally')).toMatchObject({ relayed: 150, position: '960', eventsPerSecond: 15 });
  now += 6_000;
  expect(gauge.progress('tally')).toMatchObject({ relayed: 150, eventsPerSecond: 5 });
  now += 6_000;
  expect(gauge.progress('tally')).toMatchObject({ relayed: 150, eventsPerSecond: 0 });
});
