import { setTimeout as pause } from 'node:timers/promises';
import { atATime } from './at-a-time.js';

/** Something that messages can be sent to, spread over entities: ours, or bare workflows. */
export interface Entities {
  readonly names: readonly string[];
  /** Resolves once the message is taken. It may not be handled yet. */
  send(name: string): Promise<void>;
  /** Resolves once the message is handled. */
  execute(name: string): Promise<void>;
  /** How many messages the entity has handled since it exists. */
  handled(name: string): Promise<number>;
}

/** How many entities are asked at a time what they have handled. */
const ASKED = 16;
const POLL_MILLISECONDS = 20;

/** Messages handled per second, of `count` that are sent with `inFlight` at a time. */
export async function sendingRate(entities: Entities, count: number, inFlight: number): Promise<number> {
  const { names } = entities;
  const before = await handledBy(entities);
  const sent = new Map(names.map((name, index) => [name, shareOf(count, names.length, index)]));
  const began = performance.now();
  await atATime(count, inFlight, (index) => entities.send(names[index % names.length] as string));
  await atATime(names.length, ASKED, async (index) => {
    const name = names[index] as string;
    const wanted = (before.get(name) ?? 0) + (sent.get(name) ?? 0);
    while ((await entities.handled(name)) < wanted) await pause(POLL_MILLISECONDS);
  });
  return (count * 1_000) / (performance.now() - began);
}

/** Messages handled per second, of `count` from clients that each wait for their outcome. */
export async function executingRate(entities: Entities, count: number, clients: number): Promise<number> {
  const { names } = entities;
  const began = performance.now();
  await atATime(count, clients, (index) => entities.execute(names[index % names.length] as string));
  return (count * 1_000) / (performance.now() - began);
}

/** Milliseconds until the outcome of each of `count` messages from one client. */
export async function executingTimes(entities: Entities, count: number): Promise<number[]> {
  const { names } = entities;
  const times: number[] = [];
  await atATime(count, 1, async (index) => {
    const began = performance.now();
    await entities.execute(names[index % names.length] as string);
    times.push(performance.now() - began);
  });
  return times;
}

async function handledBy({ names, handled }: Entities): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  await atATime(names.length, ASKED, async (index) => {
    const name = names[index] as string;
    counts.set(name, await handled(name));
  });
  return counts;
}

const shareOf = (count: number, among: number, index: number): number =>
  Math.floor(count / among) + (index < count % among ? 1 : 0);
