import { expect, it } from '@jest/globals';
import { timeScale } from './time-scale.js';

it('is linear while nothing stands out', () => {
  const { place, gaps, width } = timeScale([0, 100, 200, 300], 600);
  expect([0, 100, 150, 300].map(place)).toEqual([0, 200, 300, 600]);
  expect([gaps.length, width]).toEqual([0, 600]);
});

it('keeps what takes milliseconds linear, however uneven it is', () => {
  expect(timeScale([0, 4, 30, 60, 95, 300, 304], 600).gaps).toEqual([]);
});

it('collapses a quiet gap, and keeps the order', () => {
  const hour = 3_600_000;
  const times = [0, 80, 150, 230, hour, hour + 70, 4 * hour];
  const { place, gaps } = timeScale(times, 600);
  expect(gaps.map(({ from, to }) => [from, to])).toEqual([
    [230, hour],
    [hour + 70, 4 * hour],
  ]);
  const places = times.map(place);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  // What happened within milliseconds is still told apart.
  expect(Number(places[1]) - Number(places[0])).toBeGreaterThan(50);
  expect(Number(places[4]) - Number(places[3])).toBe(44);
});

it('has a place for a single moment, and for times outside', () => {
  expect(timeScale([5], 600).place(5)).toBe(0);
  const { place } = timeScale([10, 20], 100);
  expect([place(0), place(30)]).toEqual([0, 100]);
});
