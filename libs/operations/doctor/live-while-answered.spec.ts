import { describe, expect, it } from '@jest/globals';
import type { LiveEntities } from '#libs/entity/gateway/live-entities.js';
import { liveWhileAnswered } from './live-while-answered.js';

function setUp() {
  const asked: string[] = [];
  const world = { isSilent: true, now: 0 };
  const live: LiveEntities = {
    fold: (stream) => {
      asked.push(stream);
      return Promise.resolve(world.isSilent ? 'silent' : undefined);
    },
    refold: () => Promise.resolve(),
    wake: () => Promise.resolve(),
  };
  return { asked, world, live: liveWhileAnswered(live, () => world.now) };
}

async function askAll(live: LiveEntities, count: number) {
  const answers = [];
  for (let index = 0; index < count; index += 1) answers.push(await live.fold(`account-default.${index}`));
  return answers;
}

describe('asking running entities', () => {
  it('stops for a while when several in a row are silent, and reports the others as silent', async () => {
    const { asked, live } = setUp();
    expect(await askAll(live, 1_000)).toEqual(Array(1_000).fill('silent'));
    expect(asked).toHaveLength(8);
  });

  it('resumes after half a minute', async () => {
    const { asked, world, live } = setUp();
    await askAll(live, 10);
    world.now += 30_000;
    world.isSilent = false;
    expect(await askAll(live, 10)).toEqual(Array(10).fill(undefined));
    expect(asked).toHaveLength(18);
  });

  it('keeps asking when only some are silent', async () => {
    const { asked, world, live } = setUp();
    for (let round = 0; round < 10; round += 1) {
      world.isSilent = round % 2 === 0;
      await askAll(live, 5);
    }
    expect(asked).toHaveLength(50);
  });
});
