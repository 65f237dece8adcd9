/** A generator of numbers in [0, 1) that can be repeated with a printed seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

let seed: number | undefined;

/**
 * The seed of this test file: `SEED`, or a new one. It is printed once, so that a failure can be
 * repeated.
 */
export function printedSeed(): number {
  if (seed === undefined) {
    seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));
    console.log(`SEED=${seed}`);
  }
  return seed;
}
