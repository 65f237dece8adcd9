import { expect, test } from '@jest/globals';
import { KeptReaders } from './kept-readers.js';

const NO_OFFSETS = new Map();
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Readers that answer when the test says so. */
function openReaders() {
  const opened: { topic: string; isClosed: boolean; answers: ((error?: Error) => void)[] }[] = [];
  const kept = new KeptReaders(async (topic) => {
    const reader = { topic, isClosed: false, answers: [] as ((error?: Error) => void)[] };
    opened.push(reader);
    return {
      watermarks: () =>
        new Promise((resolve, reject) =>
          reader.answers.push((error) => (error ? reject(error) : resolve(NO_OFFSETS))),
        ),
      close: async () => void (reader.isClosed = true),
    };
  });
  /** Lets the reader answer what it was asked first. */
  const answer = async (index: number, error?: Error) => {
    await settle();
    opened[index]?.answers.shift()?.(error);
    await settle();
  };
  return { kept, opened, answer, closed: () => opened.map(({ isClosed }) => isClosed) };
}

test('asks over the same connections again, until it is closed', async () => {
  const { kept, answer, closed } = openReaders();
  for (let index = 0; index < 3; index += 1) {
    const asked = kept.watermarks('topic');
    await answer(0);
    expect(await asked).toBe(NO_OFFSETS);
  }
  await kept.close();
  expect(closed()).toEqual([true]);
});

test('asks over new connections when the old ones fail, which others may finish with', async () => {
  const { kept, answer, closed } = openReaders();
  const [failing, other] = [kept.watermarks('topic'), kept.watermarks('topic')];
  const failed = expect(failing).resolves.toBe(NO_OFFSETS).catch(String);
  await answer(0, new Error('gone'));
  expect(closed()).toEqual([false]);
  await answer(0);
  expect(await other).toBe(NO_OFFSETS);
  expect(closed()).toEqual([true]);
  expect(await failed).toContain('gone');
});

test('a failure of kept connections is not reported if new ones answer', async () => {
  const { kept, answer, closed } = openReaders();
  const first = kept.watermarks('topic');
  await answer(0);
  await first;
  const second = kept.watermarks('topic');
  await answer(0, new Error('gone'));
  await answer(1);
  expect(await second).toBe(NO_OFFSETS);
  expect(closed()).toEqual([true, false]);
  await kept.close();
});

test('a topic that fails disturbs no other', async () => {
  const { kept, answer, closed } = openReaders();
  const [one, none] = [kept.watermarks('one'), kept.watermarks('none')];
  const refused = expect(none).rejects.toThrow('unknown');
  await answer(1, new Error('unknown'));
  await refused;
  await answer(0);
  expect(await one).toBe(NO_OFFSETS);
  expect(closed()).toEqual([false, true]);
  await kept.close();
});

test('closes what is in use when it is answered, also what is asked after the end', async () => {
  const { kept, answer, closed } = openReaders();
  const asked = kept.watermarks('topic');
  await settle();
  await kept.close();
  expect(closed()).toEqual([false]);
  await answer(0);
  await asked;
  const late = kept.watermarks('topic');
  await answer(1);
  await late;
  expect(closed()).toEqual([true, true]);
});

test('keeps the connections of sixteen topics', async () => {
  const { kept, answer, closed } = openReaders();
  for (let index = 0; index < 17; index += 1) {
    const asked = kept.watermarks(`topic-${index}`);
    await answer(index);
    await asked;
  }
  expect(closed().filter(Boolean)).toHaveLength(1);
  expect(closed()[0]).toBe(true);
  await kept.close();
});
