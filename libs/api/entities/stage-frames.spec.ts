import { describe, expect, it } from '@jest/globals';
import type { CommandStages, StageName } from '#libs/entity/memory/command-stages.js';
import { stageFrames } from './stage-frames.js';
import type { Standing } from './standings.js';

const order = ['decided', 'appended', 'relayed', 'projected'] as const;

/** The standing of a command that has reached this many stages. */
function standing(reached: number, status = 'accepted'): Standing {
  const state = (index: number) => ({ state: index < reached ? ('done' as const) : ('waiting' as const) });
  const stages: CommandStages = {
    accepted: { state: 'done' },
    decided: state(0),
    appended: state(1),
    relayed: state(2),
    projected: [{ view: 'accounts', ...state(3) }],
  };
  return { stream: 's', receipt: { status } as Standing['receipt'], stages, body: { reached } };
}

async function told(standings: readonly Standing[], last?: StageName, until: StageName = 'projected') {
  let text = '';
  async function* all() {
    yield* standings;
  }
  for await (const frame of stageFrames(all(), last, until)) text += frame;
  return [...text.matchAll(/^id: (\w+)\nevent: (\w+)\ndata: (.*)$/gm)].map(([, id, event, data]) => {
    expect(event).toBe(id);
    return [event, (JSON.parse(data!) as { reached: number }).reached];
  });
}

describe('the feed of a receipt', () => {
  it('sends each stage once, in order, when the command reaches it', async () => {
    const path = [0, 1, 1, 3, 3, 4, 4].map((reached) => standing(reached));
    expect(await told(path)).toEqual([
      ['decided', 1],
      ['appended', 3],
      ['relayed', 3],
      ['projected', 4],
    ]);
  });

  it('ends at the stage that was asked for', async () => {
    expect(await told([standing(4)], undefined, 'appended')).toEqual([
      ['decided', 4],
      ['appended', 4],
    ]);
  });

  it.each(order.slice(0, 3))('resumes after %s', async (last) => {
    const rest = order.slice(order.indexOf(last) + 1);
    expect((await told([standing(4)], last)).map(([event]) => event)).toEqual(rest);
  });

  it('skips a stage with unknown time when a later one is reached', async () => {
    const { stages, ...rest } = standing(4);
    const relayed = { state: 'unknown' } as const;
    expect(await told([{ ...rest, stages: { ...stages, relayed } }])).toHaveLength(4);
  });

  it('ends with the decision of a command that came to nothing', async () => {
    const { stages, ...rest } = standing(1, 'rejected');
    const never = { state: 'never' } as const;
    const nothing = {
      ...stages,
      appended: never,
      relayed: never,
      projected: [{ view: 'accounts', ...never }],
    };
    expect(await told([{ ...rest, stages: nothing }])).toEqual([['decided', 1]]);
  });
});
