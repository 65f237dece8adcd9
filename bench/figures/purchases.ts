import { patientClient } from '../../demo/patient-client.js';
import type { Progress } from '../../demo/progress.js';
import { readPurchases } from '../../demo/purchases.js';
import { Shop } from '../../demo/shop.js';
import { coreSecondsByRole } from '../core-seconds.js';
import { type Figure, scaled } from './figure.js';

const PURCHASES = 150;
const AT_A_TIME = 64;
const SAMPLE = 'demo/data/CDNOW_sample.txt';

/** P14: what a purchase costs. */
export const purchases: Figure = {
  id: 'p14',
  title: 'purchases of the demo, from the cart to the goods',
  measure: async ({ addresses, token }, effort) => {
    const client = patientClient(addresses.PERDURE_URL, token);
    const sample = await readPurchases(SAMPLE);
    const size = scaled(PURCHASES, effort);
    const laps = new Laps(size);
    // The first lap warms up.
    const some = { ...sample, purchases: sample.purchases.slice(0, (effort.rounds + 1) * size) };
    await new Shop(client, some, AT_A_TIME).shop(laps);
    const [, ...measured] = laps.all;
    const totals = measured.map(({ costs }) => [...costs.values()].reduce((sum, cost) => sum + cost, 0));
    const roles = [...(measured[0]?.costs.keys() ?? [])];
    return [
      { name: 'rate', ours: measured.map(({ rate }) => rate), unit: '/s', goal: '15, at the least 9' },
      { name: 'all processes', ours: totals, unit: ' core-seconds each', goal: '0.12, at the most 0.20' },
      ...roles.map((role) => ({
        name: `of that ${role}`,
        ours: measured.map(({ costs }) => costs.get(role) ?? 0),
        unit: '',
      })),
    ];
  },
};

interface Lap {
  readonly rate: number;
  /** Core-seconds of a purchase, by role. */
  readonly costs: ReadonlyMap<string, number>;
}

/** Measures each so many purchases. */
class Laps implements Progress {
  readonly all: Lap[] = [];
  private done = 0;
  private began = 0;
  private used: ReadonlyMap<string, number> = new Map();

  constructor(private readonly size: number) {}

  start(): void {
    this.began = performance.now();
    this.used = coreSecondsByRole();
  }

  advance(): void {
    this.done += 1;
    if (this.done % this.size !== 0) return;
    const { size, used } = this;
    const now = coreSecondsByRole();
    const costs = new Map(
      [...now].map(([role, seconds]) => [role, (seconds - (used.get(role) ?? 0)) / size]),
    );
    this.all.push({ rate: (size * 1_000) / (performance.now() - this.began), costs });
    this.began = performance.now();
    this.used = now;
  }

  stop(): void {
    // The last lap has been measured.
  }
}
