import { setTimeout as pause } from 'node:timers/promises';
import { eachOf } from '#libs/runtime/each-of.js';

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
  const wanted = await handledBy(entities);
  const recipients = recipientsOf(entities, count);
  for (const name of recipients) wanted.set(name, (wanted.get(name) ?? 0) + 1);
  const began = performance.now();
  await eachOf(recipients, inFlight, (name) => entities.send(name));
  await eachOf(names, ASKED, async (name) => {
    while ((await entities.handled(name)) < (wanted.get(name) ?? 0)) await pause(POLL_MILLISECONDS);
  });
  return (count * 1_000) / (performance.now() - began);
}

/** Messages handled per second, of `count` from clients that each wait for their outcome. */
export async function executingRate(entities: Entities, count: number, clients: number): Promise<number> {
  const recipients = recipientsOf(entities, count);
  const began = performance.now();
  await eachOf(recipients, clients, (name) => entities.execute(name));
  return (count * 1_000) / (performance.now() - began);
}

/** Milliseconds until the outcome of each of `count` messages from one client. */
export async function executingTimes(entities: Entities, count: number): Promise<number[]> {
  const times: number[] = [];
  for (const name of recipientsOf(entities, count)) {
    const began = performance.now();
    await entities.execute(name);
    times.push(performance.now() - began);
  }
  return times;
}

/** The entities take turns. */
function recipientsOf({ names }: Entities, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => names[index % names.length] as string);
}

async function handledBy({ names, handled }: Entities): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  await eachOf(names, ASKED, async (name) => void counts.set(name, await handled(name)));
  return counts;
}
